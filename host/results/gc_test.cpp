#include "results/gc.h"

#include <fcntl.h>
#include <unistd.h>

#include "results/fixture.h"
#include "results/run_holders.h"

using namespace assay;
using namespace assay::results;
namespace fs = std::filesystem;

namespace {

constexpr int64_t kNow = 1768003200;  // 2026-01-10T00:00:00Z
constexpr double kDay = 86400;

// Newest first: 9th complete, 8th incomplete, 7th, 6th complete, ...
std::vector<RunRow> week() {
  std::vector<RunRow> rows;
  for (int day = 9; day >= 1; --day) {
    RunRow row;
    row.name = fmt::format("{}", day);
    row.started = fmt::format("2026-01-0{}T00:00:00", day);
    const bool incomplete = day == 8 || day == 2;
    row.verdict = incomplete ? "incomplete" : day == 5 ? "error" : "pass";
    row.state = incomplete || day == 5 ? RunState::kUnsettled : RunState::kSettled;
    rows.push_back(row);
  }
  return rows;
}

std::string chosen(const GcRules& rules) {
  std::string days;
  for (const RunRow& row : runs_to_delete(week(), rules, kNow)) days += row.name;
  return days;
}

GcOutcome deleted(const OutFolder& out, bool dry_run = false) {
  std::vector<RunRow> rows;
  for (const auto& entry : fs::directory_iterator(out.path)) {
    if (entry.path().filename() != ".assay") rows.push_back(read_run_row(entry.path()));
  }
  const auto outcome = delete_runs(out.path, rows, dry_run);
  if (!outcome) FAIL(outcome.error().text());
  return *outcome;
}

std::string spared(const GcOutcome& outcome, const std::string& name) {
  for (const auto& item : outcome.items) {
    if (item.name == name) return item.spared;
  }
  return "not there";
}

// Also files, whose times tell whether a run is at work.
void age_files(const fs::path& folder) {
  const auto then = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& entry : fs::directory_iterator(folder)) fs::last_write_time(entry.path(), then);
  fs::last_write_time(folder, then);
}

}  // namespace

TEST_CASE("every criterion must name a run, and none names none") {
  CHECK(chosen({}) == "");
  CHECK(chosen({.incomplete = true}) == "82");
  CHECK(chosen({.older_than_s = 5.5 * kDay}) == "4321");
  CHECK(chosen({.keep = 3}) == "54321");
  CHECK(chosen({.keep = 1}) == "87654321");  // an incomplete run that is older than the newest complete one
  CHECK(chosen({.keep = 0}) == "987654321");
  CHECK(chosen({.keep = 100}) == "");
  CHECK(chosen({.keep = 3, .older_than_s = 6.5 * kDay}) == "321");
  CHECK(chosen({.older_than_s = 5 * kDay, .incomplete = true}) == "2");
  CHECK(chosen({.keep = 2, .incomplete = true}) == "2");
}

TEST_CASE("ages have a unit") {
  CHECK(parse_age("30d").value() == 30 * kDay);
  CHECK(parse_age("1.5h").value() == 5400);
  CHECK(parse_age("2w").value() == 14 * kDay);
  CHECK(parse_age("90m").value() == 5400);
  for (const char* text : {"", "30", "d", "-1d", "30 d", "30days", "1e99d", "nand"})
    CHECK(parse_age(text).error().code == "config.value");
}

TEST_CASE("runs go whole, what is none of ours stays") {
  const OutFolder out;
  out.add("2026-01-01T00-00-00_a_b");
  REQUIRE(make_directories(out.path / "2026-01-01T00-00-00_a_b/refs"));
  REQUIRE(make_directories(out.path / "photos"));
  REQUIRE(write_file(out.path / "photos/manifest.json", std::string_view("{\"name\": \"a web app\"}")));
  const OutFolder elsewhere;
  elsewhere.add("real");
  fs::create_directory_symlink(elsewhere.path / "real", out.path / "link");

  const GcOutcome dry = deleted(out, true);
  CHECK(dry.deleted == 1);
  CHECK(dry.bytes > 0);
  CHECK(fs::exists(out.path / "2026-01-01T00-00-00_a_b/summary.json"));

  REQUIRE(make_directories(out.path / ".assay/trash/half"));  // of a call that was killed
  const GcOutcome outcome = deleted(out);
  CHECK(outcome.deleted == 1);
  CHECK(outcome.bytes == dry.bytes);
  CHECK_FALSE(fs::exists(out.path / "2026-01-01T00-00-00_a_b"));
  CHECK_FALSE(fs::exists(out.path / ".assay/trash"));
  CHECK(spared(outcome, "photos") == "no run folder");
  CHECK(fs::exists(out.path / "photos/manifest.json"));
  CHECK(spared(outcome, "link") == "a link to another folder");
  CHECK(fs::exists(elsewhere.path / "real/summary.json"));
}

TEST_CASE("a run that somebody works on stays") {
  const OutFolder out;
  const fs::path open_run = out.add("open", "pass", "digits", false),
                 locked = out.add("locked", "pass", "digits", false);
  const fs::path fresh = out.add("fresh", "pass", "digits", false),
                 quiet = out.add("quiet", "pass", "digits", false);
  REQUIRE(write_file(open_run / file::kSamples, std::string_view("x")));
  REQUIRE(write_file(locked / ".lock", std::string_view("{}")));
  for (const fs::path& run : {open_run, locked, quiet}) age_files(run);

  const int journal = ::open((open_run / file::kSamples).c_str(), O_WRONLY);
  REQUIRE(journal >= 0);
  const int lock = ::open((locked / ".lock").c_str(), O_RDWR);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  REQUIRE(fcntl(lock, F_OFD_SETLK, &whole) == 0);

  const GcOutcome outcome = deleted(out);
  CHECK(spared(outcome, "open") == fmt::format("process {} has samples.csv open", getpid()));
  CHECK(spared(outcome, "locked") == "locked by another process");
  CHECK_THAT(spared(outcome, "fresh"), Catch::Contains("may still be at work"));
  CHECK(spared(outcome, "quiet") == "");
  CHECK(outcome.deleted == 1);
  close(journal);
  close(lock);
  CHECK(deleted(out).deleted == 2);
  CHECK(fs::exists(fresh));
}
