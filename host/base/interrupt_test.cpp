#include "base/interrupt.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"

using namespace assay;

namespace {

// The exit code of a child that installs the handlers, runs `body` and returns its value.
int exit_of(auto&& body) {
  const pid_t pid = fork();
  if (pid == 0) {
    install_interrupt_handlers();
    _exit(body());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("the first signal is a flag, a second Ctrl-C ends at once") {
  CHECK(exit_of([] {
          return raise(SIGINT),
                 interrupted() == SIGINT && interruption().message == "interrupted by Ctrl-C" ? 7 : 1;
        }) == 7);
  CHECK(exit_of([] { return raise(SIGINT), raise(SIGINT), 1; }) == 130);
  CHECK(exit_of([] { return raise(SIGINT), raise(SIGTERM), 1; }) == 143);
}

TEST_CASE(
    "a closed terminal counts as SIGTERM, also beside the other signals that it sends, nohup keeps the "
    "process") {
  CHECK(exit_of([] {
          return raise(SIGHUP),
                 interrupted() == SIGTERM && interruption().message == "the terminal was closed" ? 7 : 1;
        }) == 7);
  CHECK(exit_of([] {
          return raise(SIGTERM), raise(SIGHUP), raise(SIGHUP), interrupted() == SIGTERM ? 7 : 1;
        }) == 7);
  const pid_t pid = fork();
  if (pid == 0) {
    signal(SIGHUP, SIG_IGN);
    install_interrupt_handlers();
    raise(SIGHUP);
    _exit(interrupted() == 0 ? 7 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("where nothing can be lost the first signal ends the process, with words") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  CHECK(exit_of([&] {
          dup2(ends[1], STDERR_FILENO);
          { const EndAtOnce over("over\n"); }
          const EndAtOnce scope("cut off\n");
          return raise(SIGHUP), 1;
        }) == 143);
  char text[32] = {};
  CHECK(read(ends[0], text, sizeof text - 1) == 8);
  CHECK(std::string(text) == "cut off\n");
  CHECK(exit_of([] {
          { const EndAtOnce over("over\n"); }
          return raise(SIGINT), 7;
        }) == 7);
  close(ends[0]);
  close(ends[1]);
}
