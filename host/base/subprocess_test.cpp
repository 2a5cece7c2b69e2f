#include "base/subprocess.h"

#include <signal.h>

#include "catch.h"

using namespace assay;
using namespace std::chrono_literals;

TEST_CASE("output, errors and exit code of a process are collected") {
  auto output = run_process({.argv = {"sh", "-c", "cat; echo oops >&2; exit 3"}}, Deadline::in(5s), "hello");
  REQUIRE(output);
  CHECK(output->out == "hello");
  CHECK(output->err == "oops\n");
  CHECK(output->status.code == 3);
}

TEST_CASE("an absent program is named") {
  auto started = Subprocess::start({.argv = {"no-such-program-here"}});
  REQUIRE_FALSE(started);
  CHECK(started.error().code == "base.tool_missing");
  CHECK(started.error().message.find("no-such-program-here") != std::string::npos);
}

TEST_CASE("a process that hangs is stopped at the deadline with its whole group") {
  const auto begin = std::chrono::steady_clock::now();
  auto output =
      run_process({.argv = {"sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait"}}, Deadline::in(300ms));
  REQUIRE_FALSE(output);
  CHECK(output.error().code == "base.process_timeout");
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

TEST_CASE("stop kills children of the child") {
  auto process = Subprocess::start({.argv = {"sh", "-c", "sleep 60 & echo $!; wait"}});
  REQUIRE(process);
  auto line = process->read_line(Deadline::in(5s));
  REQUIRE(line);
  const pid_t grandchild = std::stoi(*line);
  CHECK(kill(grandchild, 0) == 0);
  process->stop(100ms);
  for (int i = 0; i < 100 && kill(grandchild, 0) == 0; ++i) usleep(10'000);
  // Reparented to init; a zombie still answers signal 0 where nobody reaps, so look at its state.
  auto state = run_process({.argv = {"sh", "-c", "ps -o stat= -p " + *line + " || true"}}, Deadline::in(5s));
  REQUIRE(state);
  CHECK((state->out.empty() || state->out[0] == 'Z'));
}

TEST_CASE("lines are read with a deadline") {
  auto process = Subprocess::start({.argv = {"sh", "-c", "echo one; echo two; sleep 60"}});
  REQUIRE(process);
  CHECK(process->read_line(Deadline::in(5s)).value() == "one");
  CHECK(process->read_line(Deadline::in(5s)).value() == "two");
  auto late = process->read_line(Deadline::in(50ms));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "base.process_timeout");
}
