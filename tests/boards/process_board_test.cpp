// The board that is a process: its arguments and its end. What it says over the line: agent_test.cpp.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

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

TEST_CASE("the process board listens, serves one client, ends with it and leaves no socket behind") {
  TemporaryFolder folder;
  const std::string path = folder.path / "line";
  auto board = Subprocess::start({.argv = {kProgram, "--listen", "unix:" + path}, .err = Pipe::kInherit});
  REQUIRE(board);
  const auto line = board->read_line(Deadline::in(10s));
  REQUIRE(line);
  CHECK(*line == "listening " + path);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(board->running());
  close(client);
  const auto status = board->wait(Deadline::in(5s));
  REQUIRE(status);
  CHECK(status->text() == "exit code 0");
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the process board does not outlive its parent") {
  // Its standard input never ends, so only the parent's death can end it.
  TemporaryFolder folder;
  const std::string fifo = folder.path / "fifo";
  auto shell = Subprocess::start({.argv = {"sh", "-c",
                                           "mkfifo " + fifo + "\n" + kProgram + " --stdio <>" + fifo +
                                               " >/dev/null 2>&1 & echo $!; sleep 0.5; kill -9 $$"}});
  REQUIRE(shell);
  const auto pid = shell->read_line(Deadline::in(10s));
  REQUIRE(pid);
  REQUIRE(shell->wait(Deadline::in(10s)));
  const auto alive = [&] {
    // "pid (name) state": a zombie nobody reaped is dead too.
    std::ifstream stat("/proc/" + *pid + "/stat");
    std::string text;
    return std::getline(stat, text) && text.find(") Z") == std::string::npos;
  };
  const auto deadline = Deadline::in(5s);
  while (alive() && !deadline.passed()) std::this_thread::sleep_for(10ms);
  CHECK_FALSE(alive());
}
