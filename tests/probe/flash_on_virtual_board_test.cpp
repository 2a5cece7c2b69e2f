// Firmware and model through the unmodified OpenOCD onto a virtual board: written, skipped, verified,
// refused, and what is told when the board or the tool dies in the middle.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/subprocess.h"
#include "catch.h"
#include "probe/flash.h"
#include "probe/virtual_board.h"

using namespace assay;
using namespace assay::probe;
using namespace std::chrono_literals;

namespace {

constexpr uint32_t kHeartbeat = 0x20001000;  // the test program counts here

// A program that counts in RAM; `id` is its build id, `padding` makes it as large as a test wants.
std::filesystem::path build_firmware(const std::filesystem::path& folder, int id, int padding = 0) {
  const auto name = "fw" + std::to_string(id);
  REQUIRE(write_file(
      folder / (name + ".c"),
      "typedef unsigned u32; extern void reset_handler(void);\n"
      "__attribute__((section(\".vectors\"), used)) const void* const vectors[] = {(void*)0x20010000, "
      "(void*)reset_handler};\n"
      "__attribute__((section(\".assay_build_id\"), used)) const unsigned char id[16] = {" +
          std::to_string(id) +
          ",2,3,4};\n"
          "__attribute__((used)) const unsigned char padding[" +
          std::to_string(padding + 1) +
          "] = {9};\n"
          "void reset_handler(void) { volatile u32* beat = (volatile u32*)0x20001000; *beat = 0;\n"
          "  for (;;) *beat += 1; }\n"));
  REQUIRE(write_file(folder / "fw.ld",
                     "ENTRY(reset_handler)\nSECTIONS { .vectors 0 : { KEEP(*(.vectors)) . = 0x100; }\n"
                     ".assay_build_id : { KEEP(*(.assay_build_id)) } .text : { *(.text*) *(.rodata*) }\n"
                     "/DISCARD/ : { *(.ARM.exidx*) } }\n"));
  auto built = run_process({.argv = {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O1", "-nostdlib",
                                     "-T", (folder / "fw.ld").string(), "-o",
                                     (folder / (name + ".elf")).string(), (folder / (name + ".c")).string()}},
                           Deadline::in(60s));
  REQUIRE(built);
  INFO(built->err);
  REQUIRE(built->status.code == 0);
  return folder / (name + ".elf");
}

std::vector<uint8_t> plan_of(size_t size, uint8_t seed) {
  std::vector<uint8_t> plan(size);
  uint32_t x = seed + 1u;
  for (auto& byte : plan) byte = static_cast<uint8_t>((x = x * 1664525u + 1013904223u) >> 24);
  return plan;
}

using Board = VirtualBoard;

FlashOutcome must(Result<FlashOutcome> outcome) {
  if (!outcome) FAIL(outcome.error().code + ": " + outcome.error().text());
  return *outcome;
}

}  // namespace

TEST_CASE("firmware is written when its build id differs, skipped when it is there, and runs after reset") {
  Board b;
  const auto one = ElfImage::read(build_firmware(b.folder, 1)),
             two = ElfImage::read(build_firmware(b.folder, 2));
  REQUIRE(one);
  REQUIRE(two);
  auto probe = b.open();
  CHECK(probe->identity().tool_version.starts_with("0.12"));
  CHECK(probe->identity().probe_serial == b.started.unit.id);
  CHECK(probe->identity().probe.find("V3") == 0);

  auto outcome = must(flash_firmware(*probe, b.board, *one));
  CHECK(outcome.action == FlashOutcome::Action::kWritten);
  CHECK(outcome.bytes == one->loadable_bytes());
  REQUIRE(probe->reset(ResetMode::kRun));
  const uint32_t first = word_at(*probe, kHeartbeat);
  usleep(50'000);
  CHECK(word_at(*probe, kHeartbeat) != first);

  CHECK(must(flash_firmware(*probe, b.board, *one)).action == FlashOutcome::Action::kSkipped);
  outcome = must(flash_firmware(*probe, b.board, *two));
  CHECK(outcome.action == FlashOutcome::Action::kWritten);
  CHECK(outcome.reason.find("other build id 01020304") != std::string::npos);
  REQUIRE(probe->reset(ResetMode::kHalt));
  const uint32_t halted = word_at(*probe, kHeartbeat);
  usleep(50'000);
  CHECK(word_at(*probe, kHeartbeat) == halted);
}

TEST_CASE("the same build id with damaged content is written again") {
  Board b;
  auto elf = ElfImage::read(build_firmware(b.folder, 1, 2000));
  REQUIRE(elf);
  auto probe = b.open();
  must(flash_firmware(*probe, b.board, *elf));
  REQUIRE(write_file(b.folder / "hole.bin", std::string_view("\x01\x02\x03\x04", 4)));
  REQUIRE(probe->write({b.folder / "hole.bin", Image::Format::kBinary, Image::Memory::kRam, {{0x400, 4}}}));
  const auto outcome = must(flash_firmware(*probe, b.board, *elf));
  CHECK(outcome.action == FlashOutcome::Action::kWritten);
  CHECK(outcome.reason == "same build id but other content");
  CHECK(must(flash_firmware(*probe, b.board, *elf)).action == FlashOutcome::Action::kSkipped);
}

TEST_CASE(
    "a model is written with progress, skipped when the region holds it, refused when it does not fit") {
  Board b;
  std::vector<Progress> seen;
  auto probe = b.open([&](const Progress& progress) { seen.push_back(progress); });
  const auto plan = plan_of(300'001, 1);
  auto outcome = must(write_model_region(*probe, b.board, plan, b.folder));
  CHECK(outcome.action == FlashOutcome::Action::kWritten);
  CHECK(outcome.bytes == plan.size());
  std::vector<double> fractions;
  for (const Progress& progress : seen) {
    if (progress.phase == Phase::kWrite) fractions.push_back(progress.fraction());
  }
  CHECK(fractions.size() >= 6);
  CHECK(std::is_sorted(fractions.begin(), fractions.end()));
  CHECK(fractions.back() == 1.0);
  const auto read_back = probe->read(static_cast<uint32_t>(b.board.model_region().address()) + 299'001, 1000);
  REQUIRE(read_back);
  CHECK(std::equal(read_back->begin(), read_back->end(), plan.begin() + 299'001));

  CHECK(must(write_model_region(*probe, b.board, plan, b.folder)).action == FlashOutcome::Action::kSkipped);
  auto changed = plan;
  changed.back() ^= 1;  // far behind the head that is compared first
  CHECK(must(write_model_region(*probe, b.board, changed, b.folder)).action ==
        FlashOutcome::Action::kWritten);

  auto refused = write_model_region(*probe, b.board, plan_of(0x200001, 1), b.folder);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "probe.region_too_small");
  CHECK(refused.error().message.find("2097153 bytes, 1 more than the 2097152 bytes") != std::string::npos);
}

TEST_CASE("a verify mismatch is told with the tool's words, writing where nothing is fails") {
  Board b;
  auto probe = b.open();
  const auto plan = plan_of(4096, 3);
  must(write_model_region(*probe, b.board, plan, b.folder));
  REQUIRE(write_file(b.folder / "other.bin", plan_of(4096, 4)));
  const auto region = static_cast<uint32_t>(b.board.model_region().address());
  auto mismatch =
      probe->verify({b.folder / "other.bin", Image::Format::kBinary, Image::Memory::kRam, {{region, 4096}}});
  REQUIRE_FALSE(mismatch);
  CHECK(mismatch.error().code == "probe.verify_mismatch");
  CHECK(mismatch.error().message.find("openocd says") != std::string::npos);

  auto unmapped = probe->write(
      {b.folder / "other.bin", Image::Format::kBinary, Image::Memory::kRam, {{0x90000000, 4096}}});
  REQUIRE_FALSE(unmapped);
  CHECK(unmapped.error().code == "probe.write_failed");
  CHECK(probe->read(0x90000000, 4).error().code == "probe.read_failed");
  auto flash =
      probe->write({b.folder / "other.bin", Image::Format::kBinary, Image::Memory::kFlash, {{region, 4096}}});
  CHECK(flash.error().code == "probe.unsupported");
  // The session survives all of that.
  CHECK(must(write_model_region(*probe, b.board, plan, b.folder)).action == FlashOutcome::Action::kSkipped);
}

TEST_CASE("a probe with another serial number is not taken") {
  Board b;
  b.started.unit.probe.serial = "VBffffffffff";
  auto probe = b.try_open();
  REQUIRE_FALSE(probe);
  CHECK(probe.error().code == "probe.no_probe");
}

TEST_CASE("QEMU killed while a model is written ends in a bounded time with a typed error") {
  Board b;
  const pid_t qemu = b.qemu_pid();
  bool killed = false;
  auto probe = b.open([&](const Progress& progress) {
    if (progress.phase != Phase::kWrite || progress.fraction() < 0.2 || killed) return;
    killed = true;
    kill(qemu, SIGKILL);
  });
  const auto begin = std::chrono::steady_clock::now();
  auto outcome = write_model_region(*probe, b.board, plan_of(2'000'000, 5), b.folder);
  CHECK(killed);
  REQUIRE_FALSE(outcome);
  INFO(outcome.error().code + ": " + outcome.error().message);
  const auto codes = {"probe.write_failed", "probe.timeout", "probe.died", "probe.no_target",
                      "probe.no_probe"};
  CHECK(std::find(codes.begin(), codes.end(), outcome.error().code) != codes.end());
  CHECK(std::chrono::steady_clock::now() - begin < 30s);
  probe->close();
  // A fresh unit on the same state folder: what was half written never passes for the plan.
  b.started.stop();
  auto again =
      farm::open_virtual_unit({.board = "mps2-an386", .state = b.folder / "unit"}, Deadline::in(20s));
  if (!again) FAIL(again.error().text());
  b.started = std::move(*again);
  auto fresh = b.open();
  CHECK(must(write_model_region(*fresh, b.board, plan_of(2'000'000, 5), b.folder)).action ==
        FlashOutcome::Action::kWritten);
}

TEST_CASE("OpenOCD killed while a model is written says so") {
  Board b;
  bool killed = false;
  auto probe = b.open([&](const Progress& progress) {
    if (progress.phase != Phase::kWrite || progress.bytes_done == 0 || killed) return;
    killed = true;
    auto found =
        run_process({.argv = {"pgrep", "-P", std::to_string(getpid()), "-x", "openocd"}}, Deadline::in(5s));
    kill(std::stoi(found.value().out), SIGKILL);
  });
  auto outcome = write_model_region(*probe, b.board, plan_of(1'000'000, 6), b.folder);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "probe.died");
  CHECK(outcome.error().message.find("signal 9") != std::string::npos);
  CHECK(must(write_model_region(*b.open(), b.board, plan_of(1'000'000, 6), b.folder)).action ==
        FlashOutcome::Action::kWritten);
}

TEST_CASE("a unit that runs already is borrowed and left running, another mode is refused") {
  Board b;
  const auto state = b.folder / "unit";
  {
    auto borrowed = farm::open_virtual_unit({.board = "mps2-an386", .state = state}, Deadline::in(20s));
    if (!borrowed) FAIL(borrowed.error().text());
    CHECK(borrowed->borrowed());
    CHECK(borrowed->unit.probe.stlink_tcp_port == b.started.unit.probe.stlink_tcp_port);
  }
  CHECK(b.started.process.running());
  auto other =
      farm::open_virtual_unit({.board = "mps2-an386", .state = state, .mode = "realtime"}, Deadline::in(20s));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == "vboard.wrong_unit");
  auto unknown =
      farm::open_virtual_unit({.board = "no-such-board", .state = b.folder / "other"}, Deadline::in(20s));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "vboard.start_failed");
  CHECK(unknown.error().message.find("no-such-board") != std::string::npos);
}
