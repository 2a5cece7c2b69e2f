#include "farm/lease.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/error_codes.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "catch.h"

using namespace assay;
using namespace assay::farm;
using namespace std::chrono_literals;

namespace {

// A state folder of its own for each test.
struct StateFolder {
  StateFolder() {
    char name[] = "/tmp/assay-lease-XXXXXX";
    path = mkdtemp(name);
    setenv("ASSAY_STATE_DIR", path.c_str(), 1);
  }
  ~StateFolder() {
    unsetenv("ASSAY_STATE_DIR");
    std::filesystem::remove_all(path);
  }
  std::filesystem::path path;
};

// A process that takes the lease, says so and sleeps.
struct Holder {
  explicit Holder(const std::string& unit) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid = fork();
    if (pid == 0) {
      for (const int number : {SIGSEGV, SIGTERM}) signal(number, SIG_DFL);  // the test runner's own handlers
      close(ends[0]);
      auto lease = Lease::acquire(unit, "holder --of the lease");
      const char said = lease ? 'y' : 'n';
      if (write(ends[1], &said, 1) != 1) _exit(1);
      for (;;) pause();
    }
    close(ends[1]);
    char said = 0;
    REQUIRE(read(ends[0], &said, 1) == 1);
    CHECK(said == 'y');
    close(ends[0]);
  }
  void kill_with(int signal) {
    kill(pid, signal);
    waitpid(pid, nullptr, 0);
    pid = -1;
  }
  ~Holder() {
    if (pid > 0) kill_with(SIGKILL);
  }
  pid_t pid;
};

}  // namespace

TEST_CASE("a second user of a unit is told who has it, with exit code 4") {
  StateFolder state;
  Holder holder("mps2-an386");
  auto second = Lease::acquire("mps2-an386", "me");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == "farm.unit_busy");
  CHECK(exit_code_of(second.error().code) == Exit::kNoBoard);
  CHECK(second.error().message.find("process " + std::to_string(holder.pid)) != std::string::npos);
  CHECK(second.error().message.find("holder --of the lease") != std::string::npos);
  auto owner = lease_owner("mps2-an386");
  REQUIRE(owner);
  REQUIRE(owner->has_value());
  CHECK((*owner)->pid == holder.pid);
  CHECK(Lease::acquire("another-unit", "me"));
}

TEST_CASE("the lease of a killed process is free at once") {
  StateFolder state;
  for (const int signal : {SIGKILL, SIGTERM, SIGSEGV}) {
    Holder holder("u");
    REQUIRE_FALSE(Lease::acquire("u", "me"));
    holder.kill_with(signal);
    auto lease = Lease::acquire("u", "me");
    REQUIRE(lease);
    CHECK(lease->held());
  }
}

TEST_CASE("two leases of one process exclude each other, and asking takes nothing") {
  StateFolder state;
  CHECK_FALSE(lease_owner("u").value().has_value());
  {
    auto lease = Lease::acquire("u", "me");
    REQUIRE(lease);
    CHECK(lease_owner("u").value()->pid == getpid());
    CHECK(Lease::acquire("u", "me").error().code == "farm.unit_busy");
    Lease moved = std::move(*lease);
    CHECK(Lease::acquire("u", "me").error().code == "farm.unit_busy");
  }
  CHECK_FALSE(lease_owner("u").value().has_value());
  CHECK(Lease::acquire("u", "me"));
}

TEST_CASE("a child process does not inherit the lease") {
  StateFolder state;
  auto lease = Lease::acquire("u", "me");
  REQUIRE(lease);
  const pid_t child = fork();
  if (child == 0) {
    execlp("sleep", "sleep", "30", nullptr);
    _exit(127);
  }
  usleep(100'000);
  lease->release();
  CHECK(Lease::acquire("u", "me"));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST_CASE("stale and mangled lock files block nobody") {
  StateFolder state;
  std::filesystem::create_directories(state.path / "locks");
  for (const char* content :
       {"", "{\"pid\":1,\"command\":\"ghost\"}", "{\"pid\":", "\xff\xfe garbage", "[1,2]"}) {
    std::ofstream(lease_file("u")) << content;
    CHECK_FALSE(lease_owner("u").value().has_value());
    auto lease = Lease::acquire("u", "me \xff");
    REQUIRE(lease);
    CHECK(read_text(lease_file("u")).value().find("\"pid\":" + std::to_string(getpid())) !=
          std::string::npos);
  }
}

TEST_CASE("waiting for a unit ends when its owner ends, or at the deadline") {
  StateFolder state;
  Holder holder("u");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(Lease::acquire("u", "me", Deadline::in(200ms)).error().code == "farm.unit_busy");
  CHECK(std::chrono::steady_clock::now() - begin >= 200ms);
  const pid_t killer = fork();
  if (killer == 0) {
    usleep(200'000);
    kill(holder.pid, SIGKILL);
    _exit(0);
  }
  CHECK(Lease::acquire("u", "me", Deadline::in(5s)));
  waitpid(killer, nullptr, 0);
}

TEST_CASE("Ctrl-C and a closed terminal end the wait for a unit") {
  StateFolder state;
  Holder holder("u");
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t waiter = fork();
    if (waiter == 0) {
      install_interrupt_handlers();
      const auto lease = Lease::acquire("u", "me", Deadline::in(30s));
      _exit(lease ? 1 : lease.error().code == "base.interrupted" ? 42 : 2);
    }
    usleep(150'000);
    const auto begin = std::chrono::steady_clock::now();
    kill(waiter, number);
    int status = 0;
    waitpid(waiter, &status, 0);
    CHECK(WEXITSTATUS(status) == 42);
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
  }
}

TEST_CASE("a state folder that cannot be written is named with what to set") {
  setenv("ASSAY_STATE_DIR", "/proc/nothing", 1);
  const auto lease = Lease::acquire("u", "me");
  unsetenv("ASSAY_STATE_DIR");
  REQUIRE_FALSE(lease);
  CHECK(lease.error().code == "base.file");
  CHECK(lease.error().message.find("/proc/nothing/locks") != std::string::npos);
  CHECK(lease.error().remedy.find("ASSAY_STATE_DIR") != std::string::npos);
}

TEST_CASE("of many that race for a unit exactly one gets it") {
  StateFolder state;
  constexpr int kRacers = 12;
  for (int round = 0; round < 5; ++round) {
    int start[2], done[2];
    REQUIRE(pipe(start) == 0);
    REQUIRE(pipe(done) == 0);
    pid_t racers[kRacers];
    for (pid_t& racer : racers) {
      racer = fork();
      if (racer == 0) {
        char byte;
        close(start[1]);
        if (read(start[0], &byte, 1) != 0) _exit(1);
        auto lease = Lease::acquire("u", "racer");
        const char said = lease ? 'y' : 'n';
        if (write(done[1], &said, 1) != 1) _exit(1);
        for (;;) pause();
      }
    }
    close(start[0]);
    close(start[1]);  // go
    int winners = 0;
    for (int i = 0; i < kRacers; ++i) {
      char said = 0;
      REQUIRE(read(done[0], &said, 1) == 1);
      winners += said == 'y';
    }
    CHECK(winners == 1);
    for (const pid_t racer : racers) {
      kill(racer, SIGKILL);
      waitpid(racer, nullptr, 0);
    }
    close(done[0]);
    close(done[1]);
  }
}

TEST_CASE("any unit name makes a file inside the locks folder") {
  StateFolder state;
  CHECK(lease_file("../../etc/passwd").parent_path() == state.path / "locks");
  CHECK(lease_file("..").filename() == "%2E..lock");
  CHECK(lease_file("a/b").filename() == "a%2Fb.lock");
  CHECK(Lease::acquire("066AFF54/2 weird:name", "me"));
}
