// The board that is a process: its arguments and its end. What it says over the line: agent_test.cpp.
#include <string>

#include "base/deadline.h"
#include "base/subprocess.h"
#include "boards/qemu_board.h"
#include "catch.h"

using namespace assay;
using namespace assay::boards_test;
using namespace std::chrono_literals;

namespace {

const std::string kProgram = std::string(ASSAY_BIN_DIR) + "/assay-agent-posix";

}  // namespace

TEST_CASE("the process board refuses bad arguments and says what is wrong") {
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } cases[] = {
      {{}, "exactly one of --stdio and --listen"},
      {{"--stdio", "--listen", "unix:/tmp/x"}, "exactly one of --stdio and --listen"},
      {{"--stdio", "--plan"}, "a value is missing after --plan"},
      {{"--stdio", "--plan", "/nonexistent/plan"}, "cannot open /nonexistent/plan"},
      {{"--listen", "tcp:1"}, "--listen takes unix:PATH"},
      {{"--listen", "unix:/nonexistent/line"}, "cannot bind /nonexistent/line"},
      {{"--listen", "unix:/" + std::string(120, 'x')}, "use a shorter one"},
      {{"--speed"}, "unknown argument --speed"},
  };
  for (const auto& each : cases) {
    std::vector<std::string> argv = {kProgram};
    argv.insert(argv.end(), each.arguments.begin(), each.arguments.end());
    const auto output = run_process({.argv = argv}, Deadline::in(10s));
    REQUIRE(output);
    INFO(output->err);
    CHECK(output->status.code == 2);
    CHECK(output->err.find(each.message) != std::string::npos);
  }
}

TEST_CASE("the process board ends when its peer closes") {
  auto board = Subprocess::start({.argv = {kProgram, "--stdio"}, .in = Pipe::kPipe, .err = Pipe::kInherit});
  REQUIRE(board);
  CHECK(board->running());
  board->close_in();
  const auto status = board->wait(Deadline::in(5s));
  REQUIRE(status);
  CHECK(status->text() == "exit code 0");
}
