// How a virtual board starts, is found, keeps its memory, and ends.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "base/files.h"
#include "catch.h"
#include "running_board.h"

namespace assay::vboard_test {
namespace {

constexpr auto kSecond = std::chrono::milliseconds(1000);
constexpr auto kSoon = std::chrono::milliseconds(3000);  // a second of the program's own, and a busy computer

void flash(RunningBoard& board) {
  const OpenOcd run =
      openocd(board, "halt\nload_image " + firmware().string() + "\nverify_image " + firmware().string());
  INFO(run.text);
  REQUIRE(run.ok());
}

int connect_unix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const timeval limit{5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return fd;
}

std::filesystem::path sockets_of(const RunningBoard& board) {
  return std::filesystem::path(board.serial_path()).parent_path();
}

TEST_CASE("a unit keeps its code over a restart and runs it") {
  TemporaryFolder folder;
  const auto state = folder.path() / "unit";
  std::string unit;
  const int number = GENERATE(SIGTERM, SIGKILL);
  {
    RunningBoard board(state);
    unit = board.ready()["unit"];
    flash(board);
    kill(board.process().pid(), number);
    board.end(kSoon);
  }
  RunningBoard board(state);
  CHECK(board.ready()["unit"] == unit);
  const OpenOcd run = openocd(
      board, "verify_image " + firmware().string() + "\nwait_above 0 0x20000000\nshow counts 0x20000000");
  INFO(run.text);
  CHECK(run.ok());
  CHECK(run.value("counts") > 0);
  // RAM is not kept.
  CHECK_FALSE(std::filesystem::exists(state / "ssram23.mem"));
}

TEST_CASE("the end of a board leaves no emulator, no socket and no unit file") {
  TemporaryFolder folder;
  const auto state = folder.path() / "unit";
  RunningBoard board(state, {"--with-stdin"});
  REQUIRE(std::filesystem::exists(state / "unit.json"));
  REQUIRE(process_exists(board.qemu_pid()));
  SECTION("SIGTERM") { kill(board.process().pid(), SIGTERM); }
  SECTION("SIGINT") { kill(board.process().pid(), SIGINT); }
  SECTION("end of standard input") { board.process().close_in(); }
  CHECK(board.end(kSoon).code == 0);
  CHECK_FALSE(process_exists(board.qemu_pid()));
  CHECK_FALSE(std::filesystem::exists(sockets_of(board)));
  CHECK_FALSE(std::filesystem::exists(state / "unit.json"));
}

TEST_CASE("a killed board takes its emulator along, and the next start cleans up") {
  TemporaryFolder folder;
  const auto state = folder.path() / "unit";
  RunningBoard first(state);
  kill(first.process().pid(), SIGKILL);
  CHECK(becomes_true([&] { return !process_exists(first.qemu_pid()); }, kSecond));
  CHECK(run_vboard({"status", "--state", state.string()}).status.code == 4);
  RunningBoard second(state);
  CHECK_FALSE(std::filesystem::exists(sockets_of(first)));
}

TEST_CASE("a killed emulator ends the board with vboard.qemu_died") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  kill(board.qemu_pid(), SIGKILL);
  CHECK(board.end(kSoon).code == 3);
  CHECK(board.errors().find("vboard.qemu_died") != std::string::npos);
  CHECK(board.errors().find("signal 9") != std::string::npos);
}

TEST_CASE("a firmware that locks up ends the board with the emulator's words") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  openocd(board, "halt\nload_image " + firmware().string() +
                     "\nreset halt\nreg pc 0x240\ncatch {resume}\ncatch {sleep 200}");
  CHECK(board.end(kSoon).code == 3);
  INFO(board.errors());
  CHECK(board.errors().find("Lockup") != std::string::npos);
  CHECK(board.errors().find("pc 0x00000242") != std::string::npos);
}

TEST_CASE("one state folder has one board") {
  TemporaryFolder folder;
  const auto state = folder.path() / "unit";
  RunningBoard board(state);
  const Output second = run_vboard({"start", "--board", "mps2-an386", "--state", state.string()});
  CHECK(second.status.code == 4);
  CHECK(second.out.empty());
  CHECK(second.err.find("vboard.state_busy") != std::string::npos);
  CHECK(second.err.find(std::to_string(board.process().pid())) != std::string::npos);
  // The refused one took nothing away.
  CHECK(openocd(board, "halt").ok());
}

TEST_CASE("a detached board outlives its starter and is stopped by name of its folder") {
  TemporaryFolder folder;
  const std::string state = folder.path() / "unit";
  const Output started = run_vboard({"start", "--board", "mps2-an386", "--state", state, "--detach"});
  INFO(started.err);
  REQUIRE(started.status.code == 0);
  const auto ready = nlohmann::json::parse(started.out);
  const Output status = run_vboard({"status", "--state", state, "--json"});
  const auto told = nlohmann::json::parse(status.out);
  CHECK(status.status.code == 0);
  CHECK(told["status"] == "running");
  CHECK(told["stlink_port"] == ready["stlink_port"]);
  CHECK(run_vboard({"stop", "--state", state}).status.code == 0);
  CHECK_FALSE(process_exists(ready["qemu_pid"]));
  CHECK(becomes_true([&] { return !process_exists(ready["pid"]); }, kSecond));
  CHECK(run_vboard({"status", "--state", state}).status.code == 4);
  CHECK(run_vboard({"stop", "--state", state}).status.code == 0);
}

TEST_CASE("a board that nobody uses ends when it was told so") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit", {"--idle-exit", "1"});
  const int fd = connect_unix(board.serial_path());
  usleep(2500000);
  CHECK(board.process().running());  // the serial client counts
  close(fd);
  CHECK(board.end(std::chrono::milliseconds(5000)).code == 0);
}

TEST_CASE("the serial port takes one client after the other") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  flash(board);
  REQUIRE(openocd(board, "reset").ok());
  for (const char byte : {'a', 'q', 'y'}) {
    const int fd = connect_unix(board.serial_path());
    REQUIRE(send(fd, &byte, 1, MSG_NOSIGNAL) == 1);
    char answer = 0;
    CHECK(recv(fd, &answer, 1, 0) == 1);
    CHECK(answer == byte + 1);
    close(fd);
  }
}

TEST_CASE("what cannot start says why") {
  TemporaryFolder folder;
  const std::string state = folder.path() / "unit";
  SECTION("unknown board") {
    const Output output = run_vboard({"start", "--board", "mps2-an999", "--state", state});
    CHECK(output.status.code == 2);
    CHECK(output.err.find("mps2-an999") != std::string::npos);
  }
  SECTION("a board without an emulator") {
    const Output output = run_vboard({"start", "--board", "posix", "--state", state});
    CHECK(output.status.code == 2);
    CHECK(output.err.find("vboard.not_virtual") != std::string::npos);
  }
  SECTION("no emulator installed, also when detached") {
    const bool detach = GENERATE(false, true);
    ProcessSpec spec{.argv = vboard({"start", "--board", "mps2-an386", "--state", state})};
    if (detach) spec.argv.push_back("--detach");
    spec.environment["PATH"] = folder.path();
    const auto output = run_process(spec, Deadline::in(kSoon));
    REQUIRE(output);
    CHECK(output->status.code == 3);
    CHECK(output->err.find("base.tool_missing") != std::string::npos);
    CHECK(output->err.find("apt install qemu-system-arm") != std::string::npos);
  }
  SECTION("a state folder that cannot be made") {
    const Output output = run_vboard({"start", "--board", "mps2-an386", "--state", "/proc/nothing"});
    CHECK(output.status.code == 3);
    CHECK(output.err.find("base.file") != std::string::npos);
  }
  SECTION("an option that does not exist") {
    CHECK(run_vboard({"start", "--board", "mps2-an386", "--state", state, "--mode", "fast"}).status.code ==
          2);
  }
}

TEST_CASE("the emulator's own complaint is shown") {
  TemporaryFolder folder;
  const auto fake = folder.path() / "qemu-system-arm";
  REQUIRE(write_file(fake, std::string_view("#!/bin/sh\necho 'unsupported machine type' >&2\nexit 1\n")));
  chmod(fake.c_str(), 0755);
  ProcessSpec spec{.argv = vboard({"start", "--board", "mps2-an386", "--state", folder.path() / "unit"})};
  spec.environment["PATH"] = folder.path().string() + ":/usr/bin:/bin";
  const auto output = run_process(spec, Deadline::in(kSoon));
  REQUIRE(output);
  CHECK(output->status.code == 3);
  CHECK(output->err.find("vboard.qemu_died") != std::string::npos);
  CHECK(output->err.find("unsupported machine type") != std::string::npos);
}

}  // namespace
}  // namespace assay::vboard_test
