#include "probe/openocd_process.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "catch.h"
#include "probe/openocd_probe.h"

using namespace assay;
using namespace assay::probe;
using namespace std::chrono_literals;

namespace {

// A folder of its own with a log; `fake` puts a script named openocd first in PATH (the real one cannot be
// told to hang or to be old).
struct Bench {
  Bench() {
    char name[] = "/tmp/assay-openocd-XXXXXX";
    folder = mkdtemp(name);
  }
  ~Bench() {
    if (!path.empty()) setenv("PATH", path.c_str(), 1);
    std::filesystem::remove_all(folder);
  }
  void fake(const std::string& script) {
    const auto file = folder / "openocd";
    std::ofstream(file) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    path = getenv("PATH");
    setenv("PATH", (folder.string() + ":" + path).c_str(), 1);
  }
  std::filesystem::path log() const { return folder / "probe.log"; }
  // An adapter of no hardware at all: the Tcl port is the real one.
  OpenocdConfig dummy() const {
    return {{"adapter driver dummy", "transport select jtag", "adapter speed 1000",
             "jtag newtap t cpu -irlen 4", "target create t.cpu testee -chain-position t.cpu"},
            log()};
  }
  std::filesystem::path folder;
  std::string path;
};

config::Board virtual_board() {
  config::Board board;
  board.mutable_board()->set_name("test");
  board.mutable_probe()->set_tool("openocd");
  for (const char* line :
       {"swd newdap virt cpu -expected-id 0x2ba01477", "dap create virt.dap -chain-position virt.cpu",
        "target create virt.cpu cortex_m -dap virt.dap -ap-num 0"}) {
    board.mutable_probe()->add_openocd(line);
  }
  return board;
}

bool mentions(const Error& error, const std::string& words) {
  return error.message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("the real OpenOCD answers over its Tcl port") {
  Bench bench;
  auto openocd = OpenocdProcess::start(bench.dummy());
  REQUIRE(openocd);
  CHECK((*openocd)->version().starts_with("0.1"));
  CHECK((*openocd)->run("sum", "expr 6*7", 2s, "probe.died").value() == "42");
  auto unknown = (*openocd)->run("frobnicate", "frob", 2s, "probe.died");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "probe.bad_config");
  CHECK(mentions(unknown.error(), "invalid command name \"frob\""));
  REQUIRE((*openocd)->run("init", "init", 5s, "probe.died"));  // load_image exists from then on
  auto absent =
      (*openocd)->run("load", "load_image " + tcl_word("/no such {file$[x]") + " 0 bin", 2s, "probe.died");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == "base.file");
  CHECK(mentions(absent.error(), "couldn't open /no such {file$[x]"));
  CHECK(read_text(bench.log()).value().starts_with("Open On-Chip Debugger"));
}

TEST_CASE("words reach Tcl unchanged") {
  Bench bench;
  auto openocd = OpenocdProcess::start(bench.dummy());
  REQUIRE(openocd);
  for (const std::string word :
       {"plain", "a b", "a{b", "}", "$x", "[exit]", "a\\b", "\"q\"", "a;b", "#c", "two\nlines", ""}) {
    INFO(word);
    CHECK((*openocd)->run("echo", "set copy " + tcl_word(word), 2s, "probe.died").value() == word);
  }
}

TEST_CASE("a command that does not end is cut off at its budget and OpenOCD is gone") {
  Bench bench;
  auto openocd = OpenocdProcess::start(bench.dummy());
  REQUIRE(openocd);
  const std::string pid = (*openocd)->run("pid", "pid", 2s, "probe.died").value();
  int ticks = 0;
  const auto begin = std::chrono::steady_clock::now();
  auto late = (*openocd)->run("wait for ever", "while 1 {}", 700ms, "probe.died", [&] { ++ticks; });
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "probe.timeout");
  CHECK(mentions(late.error(), "wait for ever"));
  CHECK(ticks >= 2);
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  CHECK(kill(std::stoi(pid), 0) != 0);
  CHECK((*openocd)->run("after", "expr 1", 1s, "x").error().code == "probe.died");
}

TEST_CASE("an OpenOCD that dies says how it ended") {
  Bench bench;
  auto openocd = OpenocdProcess::start(bench.dummy());
  REQUIRE(openocd);
  const std::string pid = (*openocd)->run("pid", "pid", 2s, "probe.died").value();
  kill(std::stoi(pid), SIGKILL);
  auto dead = (*openocd)->run("read memory", "expr 1", 2s, "probe.read_failed");
  REQUIRE_FALSE(dead);
  CHECK(dead.error().code == "probe.died");
  CHECK(mentions(dead.error(), "signal 9"));
}

TEST_CASE("no probe: the real tool's words and the stable code") {
  Bench bench;
  // Port 1 of this computer: nobody listens.
  auto probe = open_probe(virtual_board(), {1, ""}, {bench.log()});
  REQUIRE_FALSE(probe);
  CHECK(probe.error().code == "probe.no_probe");
  CHECK(mentions(probe.error(), "cannot connect to stlink server"));
}

TEST_CASE("a mistake in the board's lines is a configuration error") {
  Bench bench;
  auto board = virtual_board();
  board.mutable_probe()->add_openocd("swd_newdap oops");
  auto probe = open_probe(board, {1, ""}, {bench.log()});
  REQUIRE_FALSE(probe);
  CHECK(probe.error().code == "probe.bad_config");
  CHECK(mentions(probe.error(), "swd_newdap"));
}

TEST_CASE("a board without a probe, and a tool that is not known, are refused") {
  Bench bench;
  config::Board board;
  CHECK(open_probe(board, {}, {bench.log()}).error().code == "probe.unsupported");
  board.mutable_probe()->set_tool("crystal-ball");
  CHECK(mentions(open_probe(board, {}, {bench.log()}).error(), "crystal-ball"));
}

TEST_CASE("OpenOCD not installed names the tool") {
  Bench bench;
  bench.path = getenv("PATH");
  setenv("PATH", bench.folder.c_str(), 1);
  auto probe = open_probe(virtual_board(), {1, ""}, {bench.log()});
  REQUIRE_FALSE(probe);
  CHECK(probe.error().code == "probe.tool_missing");
}

TEST_CASE("an OpenOCD that hangs at start, even against SIGTERM, is killed with its children") {
  Bench bench;
  bench.fake("trap '' TERM\necho starting >&2\nsleep 77 & echo $! > " + bench.folder.string() +
             "/child\nwait\nwait\n");
  OpenocdConfig config{{}, bench.log(), 0.05};
  const auto begin = std::chrono::steady_clock::now();
  auto openocd = OpenocdProcess::start(config);
  REQUIRE_FALSE(openocd);
  CHECK(openocd.error().code == "probe.timeout");
  CHECK(mentions(openocd.error(), "starting"));
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  const pid_t child = std::stoi(read_text(bench.folder / "child").value());
  for (int i = 0; i < 100 && kill(child, 0) == 0; ++i) usleep(10'000);
  std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  CHECK((text.empty() || text.find(") Z ") != std::string::npos));
}

TEST_CASE("a tool that is too old or no OpenOCD at all is named") {
  const struct {
    const char* script;
    const char* code;
    const char* words;
  } kCases[] = {
      {"echo 'Open On-Chip Debugger 0.10.0' >&2; exit 1\n", "probe.tool_version", "0.10.0 is too old"},
      {"echo 'Open On-Chip Debugger 0.11.0' >&2; echo 'Info : Listening on port 9 for tcl connections' >&2; "
       "sleep 9\n",
       "probe.tool_version", "at least 0.12"},
      {"head -c 100000 /dev/urandom; exit 0\n", "probe.tool_version", "does not introduce itself"},
      {"echo 'Open On-Chip Debugger 0.12.0' >&2; exit 0\n", "probe.died", "exit code 0"},
      {"echo 'Open On-Chip Debugger 0.12.0' >&2; kill -SEGV $$\n", "probe.died", "signal 11"},
  };
  for (const auto& test : kCases) {
    INFO(test.script);
    Bench bench;
    bench.fake(test.script);
    auto openocd = OpenocdProcess::start({{}, bench.log(), 1});
    REQUIRE_FALSE(openocd);
    CHECK(openocd.error().code == test.code);
    INFO(openocd.error().message);
    CHECK(mentions(openocd.error(), test.words));
  }
}

TEST_CASE("the log of earlier sessions is kept and not taken for this one's") {
  Bench bench;
  std::ofstream(bench.log())
      << "Open On-Chip Debugger 0.9.0\nInfo : Listening on port 1 for tcl connections\n";
  auto openocd = OpenocdProcess::start(bench.dummy());
  REQUIRE(openocd);
  CHECK((*openocd)->run("sum", "expr 1+1", 2s, "probe.died").value() == "2");
  CHECK(read_text(bench.log()).value().starts_with("Open On-Chip Debugger 0.9.0\n"));
}

TEST_CASE("adapter lines of a virtual probe come first, a serial number last") {
  const auto lines = openocd_lines(virtual_board(), {7184, "VB 1"});
  CHECK(lines[0] == "adapter driver st-link");
  CHECK(lines[1] == "st-link backend tcp 7184");
  CHECK(lines.back() == "adapter serial VB\\ 1");
  CHECK(openocd_lines(virtual_board(), {0, ""}).front().starts_with("swd newdap"));
}
