#include "runners/engine_firmware.h"

#include "base/deadline.h"
#include "catch.h"
#include "link/streams.h"

namespace assay::runners_test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

Result<std::unique_ptr<link::ByteStream>> start_process(const fs::path& program) {
  ASSAY_TRY(Subprocess process,
            Subprocess::start({.argv = {program, "--stdio"}, .in = Pipe::kPipe, .err = Pipe::kInherit}));
  return link::pipe_stream(std::move(process), "posix");
}

Result<std::unique_ptr<link::ByteStream>> start_emulated(EngineFirmware& firmware, const std::string& board,
                                                         const fs::path& image) {
  const std::string socket = firmware.folder.path / "line";
  for (const boards_test::VirtualBoard& on : boards_test::virtual_boards()) {
    if (on.name != board) continue;
    ASSAY_TRY(firmware.qemu,
              Subprocess::start({.argv = boards_test::qemu_command(
                                     on, image, "socket,id=line,server=on,wait=on,path=" + socket),
                                 .err = Pipe::kNull}));
    return link::open_unix_stream(socket, Deadline::in(20s));
  }
  FAIL("no virtual board " << board);
  return fail("base.file", "no such board");
}

}  // namespace

bool start_firmware(EngineFirmware& firmware, const std::string& name, const std::string& board) {
  const bool process = board == "posix";
  std::optional<fs::path> image;
  if (process) {
    image = fs::path(ASSAY_BIN_DIR) / ("assay-" + name + "-posix");
    if (!fs::exists(*image)) {
      WARN("skipped: " << image->string() << " is not built; its engine is not installed");
      return false;
    }
  } else {
    image = boards_test::firmware_file("assay-" + name + "-" + board + ".elf");
    if (!image) return false;
  }
  auto line = process ? start_process(*image) : start_emulated(firmware, board, *image);
  if (!line) FAIL(line.error().text());
  auto session = link::Session::connect(std::move(*line));
  if (!session) FAIL(session.error().code << ": " << session.error().text());
  firmware.session.emplace(std::move(*session));
  return true;
}

std::vector<std::vector<uint8_t>> generated_rows(size_t rows, size_t elements, uint32_t levels) {
  std::vector<std::vector<uint8_t>> made(rows, std::vector<uint8_t>(elements));
  uint32_t x = 12345;
  for (auto& row : made) {
    for (auto& value : row) {
      x = x * 1664525u + 1013904223u;
      value = static_cast<uint8_t>((x >> 24) % levels);
    }
  }
  return made;
}

std::vector<uint8_t> as_int16(const std::vector<uint8_t>& row, int factor) {
  std::vector<uint8_t> bytes;
  for (const uint8_t value : row) {
    bytes.push_back(static_cast<uint8_t>(value * factor));
    bytes.push_back(0);
  }
  return bytes;
}

uint64_t instructions(const link::BoardInfo& board, uint64_t ticks) {
  if (board.clock != link::ClockKind::kInstructions) return ticks;
  return (ticks * board.tick_numerator + board.tick_denominator / 2) / board.tick_denominator;
}

}  // namespace assay::runners_test
