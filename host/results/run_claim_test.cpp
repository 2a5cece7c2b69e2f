#include "results/run_claim.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "base/error_codes.h"
#include "base/files.h"
#include "catch.h"
#include "results/incomplete_run.h"

using namespace assay;
using namespace assay::results;
namespace fs = std::filesystem;

namespace {

constexpr const char* kLockText = "[profile]\nname = \"p\"\n[board]\nname = \"b\"\n[data]\nsamples = 7\n";

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("assay_run_claim_" + std::to_string(getpid()));
  Scratch() { fs::remove_all(path); }
  ~Scratch() { fs::remove_all(path); }
};

std::set<std::string> names(const fs::path& folder) {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) found.insert(entry.path().filename());
  return found;
}

}  // namespace

TEST_CASE("a run folder appears with its lock file content, is held, and given back") {
  const Scratch scratch;
  const auto path = scratch.path / "out" / "run";
  {
    const auto claim = RunClaim::create(path / "", kLockText, "assay run p").value();
    CHECK(names(path) == std::set<std::string>{".lock", "profile.lock.toml"});
    CHECK(names(path.parent_path()) == std::set<std::string>{"run"});
    CHECK(claim.folder().path() == path);
    CHECK((fs::status(path).permissions() & fs::perms::owner_all) == fs::perms::owner_all);
    const auto second = RunClaim::reopen(path, "another");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == "run.still_going");
    CHECK(exit_code_of(second.error().code) == Exit::kNoBoard);
    CHECK(second.error().message.find("process " + std::to_string(getpid()) + " (assay run p)") == 0);
    CHECK(summary_of_incomplete(claim.folder())
              .sentence.find("Still going (process " + std::to_string(getpid()) + ")") == 0);
    CHECK(RunClaim::create(path, kLockText, "x").error().code == "results.bad_run");
  }
  CHECK(names(path) == std::set<std::string>{"profile.lock.toml"});
  CHECK(RunClaim::reopen(path, "another"));
}

TEST_CASE("an empty folder is used as it is, also after a process was killed in it") {
  const Scratch scratch;
  fs::create_directories(scratch.path);
  REQUIRE(write_file(scratch.path / ".lock", std::string_view("{\"pid\":1}")));
  REQUIRE(write_file(scratch.path / "profile.lock.toml.77.0.tmp", std::string_view("half")));
  const auto claim = RunClaim::create(scratch.path, kLockText, "x");
  REQUIRE(claim);
  CHECK(names(scratch.path) == std::set<std::string>{".lock", "profile.lock.toml"});
}

TEST_CASE("runs that start in the same second get folders of their own") {
  const Scratch scratch;
  constexpr int kRuns = 12;
  pid_t children[kRuns];
  for (pid_t& child : children) {
    child = fork();
    if (child == 0) {
      const auto claim = RunClaim::create_below(scratch.path, "p", "b", kLockText, "x");
      _exit(claim && write_file(claim->folder().path("mine"), std::to_string(getpid())) ? 0 : 1);
    }
  }
  std::set<std::string> owners, expected;
  for (const pid_t child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    expected.insert(std::to_string(child));
  }
  for (const auto& name : names(scratch.path))
    owners.insert(read_text(scratch.path / name / "mine").value_or(name));
  CHECK(owners == expected);
}

TEST_CASE("another attempt keeps the journals and puts away what the last one said") {
  const Scratch scratch;
  const auto claim = RunClaim::create(scratch.path, kLockText, "x").value();
  const auto put = [&](const char* name) {
    REQUIRE(write_file(claim.folder().path(name), std::string_view(name)));
  };
  for (const char* name : {"manifest.json", "summary.json", "events.jsonl", "console.log", "samples.csv",
                           "outputs.part", "outputs.npy", "flips.csv"})
    put(name);
  put("summary.json.4711.0.tmp");
  REQUIRE(claim.begin_attempt());
  CHECK(names(scratch.path) ==
        std::set<std::string>{".lock", "attempts", "outputs.part", "profile.lock.toml", "samples.csv"});
  CHECK(names(scratch.path / "attempts/1") ==
        std::set<std::string>{"console.log", "events.jsonl", "manifest.json", "summary.json"});
  put("events.jsonl");
  REQUIRE(claim.begin_attempt());
  CHECK(names(scratch.path / "attempts/2") == std::set<std::string>{"events.jsonl"});
  REQUIRE(claim.folder().write_summary({}));
  const auto listed = claim.folder().artifacts().value();  // outlives the loop
  for (const auto& artifact : listed) CHECK((artifact.file != ".lock" && artifact.file != "outputs.part"));
  claim.discard_journal();
  CHECK_FALSE(claim.folder().has("outputs.part"));
}

TEST_CASE("what is known of a killed run is said, whatever it left") {
  const Scratch scratch;
  { const auto claim = RunClaim::create(scratch.path, kLockText, "x").value(); }
  const auto folder = RunFolder::open(scratch.path).value();
  auto summary = read_any_summary(folder).value();
  CHECK(summary.verdict == "interrupted");
  CHECK(summary.profile == "p");
  CHECK(summary.target.board == "b");
  CHECK(summary.sentence == "Incomplete: the run ended without a verdict after 0 of 7 samples.");
  REQUIRE(summary.issues.size() == 1);
  CHECK(summary.issues[0].code == "run.incomplete");
  CHECK(summary.issues[0].message.find("assay run --resume " + folder.id()) != std::string::npos);
  {
    auto journal = folder.sample_journal().value();
    REQUIRE(journal.write({.index = 0, .id = "a"}));
    auto events = folder.event_writer().value();
    REQUIRE(events.write(EventKind::kProgress, {{"phase", "Running"}, {"done", 1}}));
  }
  CHECK(read_any_summary(folder)->sentence ==
        "Incomplete: the run ended without a verdict after 1 of 7 samples, last heard of in phase Running.");
  for (const char* name : {"profile.lock.toml", "samples.csv", "events.jsonl"})
    REQUIRE(write_file(folder.path(name), std::string_view("\xff\x00 {[\n]", 7)));
  CHECK(read_any_summary(folder)->verdict == "interrupted");
}

TEST_CASE("a run that was cut off after its verdict says so, a complete one does not") {
  const Scratch scratch;
  const auto folder =
      RunFolder::open(RunClaim::create(scratch.path, kLockText, "x")->folder().path()).value();
  REQUIRE(folder.write_summary({.verdict = "pass"}));
  auto summary = read_any_summary(folder).value();
  CHECK(summary.verdict == "pass");
  REQUIRE(summary.issues.size() == 1);
  CHECK(summary.issues[0].code == "run.incomplete");
  {
    const auto claim = RunClaim::reopen(scratch.path, "reporting").value();
    CHECK(read_any_summary(folder)->issues.empty());
  }
  REQUIRE(folder.write_manifest());
  CHECK(read_any_summary(folder)->issues.empty());
}
