// The image that proves what only the target can prove, in QEMU.
#include <chrono>
#include <string>

#include "base/deadline.h"
#include "boards/qemu_board.h"
#include "catch.h"

using namespace assay;
using namespace assay::boards_test;
using namespace std::chrono_literals;

namespace {

// Each test below runs on every virtual board; nullopt when its image is not built.
std::optional<Subprocess> start_selfcheck(const VirtualBoard& on) {
  const auto image = firmware_file("assay-vectors-" + on.name + ".elf");
  if (!image) return std::nullopt;
  auto board = start_on_pipes(on, *image);
  REQUIRE(board);
  return std::move(*board);
}

// All lines up to and including the verdict.
std::string read_report(Subprocess& board) {
  std::string report;
  while (report.find("selfcheck") == std::string::npos) {
    const auto line = board.read_line(Deadline::in(30s));
    REQUIRE(line);
    report += *line + "\n";
  }
  return report;
}

void send(Subprocess& board, std::string_view bytes) { REQUIRE(board.write_all(bytes, Deadline::in(60s))); }

std::string next_line(Subprocess& board) {
  const auto line = board.read_line(Deadline::in(60s));
  REQUIRE(line);
  return *line;
}

}  // namespace

TEST_CASE("the selfcheck image reads a loop of known length back exactly and passes the wire vectors") {
  for (const VirtualBoard& on : virtual_boards()) {
    INFO(on.name);
    auto board = start_selfcheck(on);
    if (!board) return;
    const std::string report = read_report(*board);
    INFO(report);
    CHECK(report.find("clock reads 200000\nclock reads 200000\nclock reads 200000\nclock ok") !=
          std::string::npos);
    CHECK(report.find("vectors ok: ") != std::string::npos);
    CHECK(report.find("selfcheck ok\n") != std::string::npos);
  }
}

TEST_CASE("the serial line of the emulated board loses and doubles no byte, both ways") {
  for (const VirtualBoard& on : virtual_boards()) {
    INFO(on.name);
    auto board = start_selfcheck(on);
    if (!board) return;
    read_report(*board);
    send(*board, std::string(20000, 'x') + "%");
    CHECK(next_line(*board) == "20001");
    // One byte at a time with an answer each: the interrupt that comes with nothing to read is found here.
    for (int i = 1; i <= 200; ++i) {
      send(*board, "%");
      REQUIRE(next_line(*board) == std::to_string(20001 + i));
    }
    send(*board, "#");
    CHECK(next_line(*board) == std::string(65536, '.'));
  }
}

TEST_CASE("a fault is recorded, survives the reset it makes, and names the instruction") {
  for (const VirtualBoard& on : virtual_boards()) {
    INFO(on.name);
    auto board = start_selfcheck(on);
    if (!board) return;
    CHECK(read_report(*board).find("reset cause 0\n") != std::string::npos);
    send(*board, "!");
    const std::string report = read_report(*board);
    INFO(report);
    CHECK(report.find("before this boot: fault 00000003 pc 0000") != std::string::npos);
    CHECK(report.find("cfsr 00010000") != std::string::npos);  // UNDEFINSTR
    CHECK(report.find("reset cause 5\n") != std::string::npos);
    CHECK(report.find("selfcheck ok\n") != std::string::npos);
  }
}
