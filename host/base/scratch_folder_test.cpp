#include "base/scratch_folder.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "catch.h"

using namespace assay;
namespace fs = std::filesystem;

namespace {

struct Parent {
  Parent() {
    char name[] = "/tmp/assay-scratch-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Parent() { fs::remove_all(path); }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
  fs::path path;
};

// Runs `body` in a child that then waits for its death; returns once it says that it is ready.
pid_t child(auto&& body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    for (const int number : {SIGSEGV, SIGTERM, SIGHUP}) signal(number, SIG_DFL);
    auto kept = body();
    if (write(ends[1], "r", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char said;
  REQUIRE(read(ends[0], &said, 1) == 1);
  close(ends[0]);
  close(ends[1]);
  return pid;
}

void kill_hard(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace

TEST_CASE(
    "the scratch folder of a killed process goes when the next one is made, that of a living one stays") {
  const Parent parent;
  const auto make = [&] { return ScratchFolder::make(parent.path, "work-"); };
  const pid_t living = child(make), doomed = child(make);
  kill_hard(doomed);
  CHECK(parent.entries() == 2);
  {
    const auto mine = make();
    REQUIRE(mine);
    REQUIRE(write_file(mine->path() / "a", std::string_view("x")));
    CHECK(parent.entries() == 2);  // the living one's and this one
  }
  CHECK(parent.entries() == 1);
  kill_hard(living);
  CHECK(make());
  CHECK(parent.entries() == 0);
}

TEST_CASE("a scratch folder is renamed with its lock, onto nothing or an empty folder only") {
  const Parent parent;
  auto scratch = ScratchFolder::make(parent.path, "work-", "the purpose").value();
  fs::create_directories(parent.path / "taken" / "x");
  FileLock lock;
  CHECK(scratch.rename_to(parent.path / "taken", lock) == ENOTEMPTY);
  CHECK(scratch.rename_to(parent.path / "new", lock) == 0);
  CHECK(lock.file() == parent.path / "new" / ScratchFolder::kLock);
  const auto owner = FileLock::owner(lock.file());
  REQUIRE(owner);
  REQUIRE(owner->has_value());
  CHECK((*owner)->pid == getpid());
  CHECK((*owner)->command == "the purpose");
  CHECK_FALSE(FileLock::take(lock.file(), "me").value());
  lock.remove_and_release();
  CHECK_FALSE(fs::exists(parent.path / "new" / ScratchFolder::kLock));
}

TEST_CASE("whoever opened a lock file that was then removed does not believe to have the lock") {
  const Parent parent;
  const auto file = parent.path / "x.lock";
  auto first = FileLock::take(file, "a").value();
  REQUIRE(first);
  first->remove_and_release();
  auto second = FileLock::take(file, "b").value();
  REQUIRE(second);
  CHECK_FALSE(FileLock::take(file, "c").value());
  CHECK(FileLock::owner(file).value()->command == "b");
  CHECK_FALSE(FileLock::owner(parent.path / "none").value());
}
