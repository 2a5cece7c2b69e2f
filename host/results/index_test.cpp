#include "results/index.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <random>
#include <thread>

#include "results/fixture.h"

using namespace assay;
using namespace assay::results;
namespace fs = std::filesystem;

namespace {

struct Opened {
  explicit Opened(const fs::path& out)
      : index(RunIndex::open(
            out, [this](const std::string& code, const std::string&) { warnings.push_back(code); })) {}
  std::vector<std::string> warnings;
  RunIndex index;

  FoundRuns find(const RunQuery& query = {}) {
    const Status refreshed = index.refresh();
    if (!refreshed) FAIL(refreshed.error().text());
    auto found = index.find(query);
    if (!found) FAIL(found.error().text());
    return std::move(*found);
  }
  std::vector<std::string> names(const RunQuery& query = {}) {
    std::vector<std::string> names;
    for (const RunRow& row : find(query).rows) names.push_back(row.name);
    return names;
  }
};

std::vector<std::string> names_in(const fs::path& out, const RunQuery& query = {}) {
  return Opened(out).names(query);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an index lists runs newest first, with what their summaries say") {
  const OutFolder out;
  out.add("2026-01-02T10-00-00_digits_posix");
  out.add("2026-01-01T10-00-00_digits_posix", "fail");
  out.add("named by hand", "inconclusive", "watch");  // its summary says when
  REQUIRE(make_directories(out.path / "no run"));
  REQUIRE(write_file(out.path / "file", std::string_view("x")));
  Opened opened(out.path);
  const FoundRuns found = opened.find();
  REQUIRE(found.rows.size() == 3);
  CHECK(found.total == 3);
  const RunRow& newest = found.rows[0];
  CHECK(newest.name == "2026-01-02T10-00-00_digits_posix");
  CHECK(newest.id == run_id_of(out.path / newest.name));
  CHECK(newest.started == "2026-01-02T10:00:00");
  CHECK(newest.profile == "digits");
  CHECK(newest.board == "posix");
  CHECK(newest.unit == "u1");
  CHECK(newest.verdict == "pass");
  CHECK(newest.sentence == "Why.");
  CHECK(newest.samples == 7);
  CHECK(newest.top1 == 0.945);
  CHECK(newest.latency == 1234.5);
  CHECK(newest.latency_unit == "instructions");
  CHECK(newest.state == RunState::kSettled);
  CHECK(found.rows[2].name == "named by hand");
  CHECK(opened.warnings.empty());
  CHECK(opened.index.place() == (out.path / ".assay/index.sqlite").string());
}

TEST_CASE("queries narrow and count") {
  const OutFolder out;
  for (int i = 0; i < 6; ++i)
    out.add(fmt::format("2026-01-0{}T10-00-00_x_posix", i + 1), i % 2 ? "fail" : "pass",
            i < 4 ? "digits" : "watch");
  CHECK(names_in(out.path, {.profile = "watch"}).size() == 2);
  CHECK(names_in(out.path, {.profile = "digits", .verdict = "fail"}) ==
        Names{"2026-01-04T10-00-00_x_posix", "2026-01-02T10-00-00_x_posix"});
  CHECK(names_in(out.path, {.board = "other"}).empty());
  CHECK(names_in(out.path, {.since = "2026-01-05"}).size() == 2);
  CHECK(names_in(out.path, {.since = "2026-01-05T10:00:01"}).size() == 1);
  CHECK(names_in(out.path, {.profile = "' OR 1 --"}).empty());
  Opened opened(out.path);
  const FoundRuns some = opened.find({.limit = 2});
  CHECK(some.rows.size() == 2);
  CHECK(some.total == 6);
}

TEST_CASE("new, vanished, completed and changed runs are seen") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b");
  const fs::path half = out.add("2026-01-02T10-00-00_a_b", "pass", "digits", false);
  CHECK(Opened(out.path).find({.verdict = "incomplete"}).total == 1);
  out.age();
  CHECK(names_in(out.path).size() == 2);

  out.add("2026-01-03T10-00-00_a_b");
  fs::remove_all(out.path / "2026-01-01T10-00-00_a_b");
  CHECK(names_in(out.path) == Names{"2026-01-03T10-00-00_a_b", "2026-01-02T10-00-00_a_b"});

  // The out folder does not change when one of its runs does.
  out.age();
  CHECK(names_in(out.path).size() == 2);
  REQUIRE(
      write_file(half / file::kManifest, std::string_view(R"({"schema": "assay.manifest", "files": []})")));
  CHECK(names_in(out.path, {.verdict = "pass"}).size() == 2);

  // A settled run that is shown is looked at, too.
  out.age();
  CHECK(names_in(out.path).size() == 2);
  auto summary = read_text(half / file::kSummary).value();
  summary.replace(summary.find("pass"), 4, "fail");
  REQUIRE(write_file(half / file::kSummary, summary));
  CHECK(names_in(out.path, {.verdict = "pass"}) == Names{"2026-01-03T10-00-00_a_b"});
  CHECK(names_in(out.path, {.verdict = "fail"}) == Names{"2026-01-02T10-00-00_a_b"});

  // What was no run becomes one.
  REQUIRE(make_directories(out.path / "2026-01-04T10-00-00_a_b"));
  CHECK(names_in(out.path).size() == 2);
  out.age();
  CHECK(names_in(out.path).size() == 2);
  out.add("2026-01-04T10-00-00_a_b");
  CHECK(names_in(out.path).size() == 3);
}

// Folder times have steps of milliseconds and more: a run that appears right after the folder was listed may
// leave its time as it was. The time is set by hand here, as a coarse file system would.
TEST_CASE("a folder that changed just now is listed again, even when its time is the same") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b");
  const auto now = fs::file_time_type::clock::now();
  fs::create_directories(out.path / ".assay");
  fs::last_write_time(out.path, now);
  CHECK(names_in(out.path).size() == 1);
  out.add("2026-01-02T10-00-00_a_b");
  fs::last_write_time(out.path, now);
  CHECK(names_in(out.path).size() == 2);
  // Once the time is old, an equal one is trusted: nothing is listed, which is what makes it fast.
  out.age();
  CHECK(names_in(out.path).size() == 2);
  const auto old = fs::last_write_time(out.path);
  out.add("2026-01-03T10-00-00_a_b");
  fs::last_write_time(out.path, old);
  CHECK(names_in(out.path).size() == 2);
  fs::last_write_time(out.path, old - std::chrono::seconds(1));
  CHECK(names_in(out.path).size() == 3);
}

// Written in place, its folder keeps its time: whether a settled run is read again can be told by its
// verdict.
TEST_CASE("new runs do not make settled ones be read again") {
  const OutFolder out;
  const fs::path old = out.add("2026-01-01T10-00-00_a_b");
  out.age();
  CHECK(names_in(out.path).size() == 1);
  auto summary = read_text(old / file::kSummary).value();
  summary.replace(summary.find("pass"), 4, "fail");
  std::ofstream(old / file::kSummary, std::ios::trunc) << summary;
  for (int i = 2; i < 6; ++i) {
    const fs::path added = out.add(fmt::format("2026-01-0{}T10-00-00_a_b", i));
    CHECK(names_in(out.path, {.limit = 1}) == Names{added.filename().string()});
    CHECK(Opened(out.path).find({.verdict = "fail"}).total == 0);
  }
  fs::remove_all(out.path / "2026-01-03T10-00-00_a_b");
  CHECK(Opened(out.path).find({.verdict = "fail"}).total == 0);
  CHECK(Opened(out.path).index.rebuild()->runs == 4);
  CHECK(Opened(out.path).find({.verdict = "fail"}).total == 1);
}

TEST_CASE("an out folder that was replaced is read anew") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b", "pass");
  out.age();
  CHECK(names_in(out.path, {.verdict = "pass"}).size() == 1);
  const OutFolder other;
  other.add("2026-01-01T10-00-00_a_b", "fail");
  other.age();
  fs::rename(out.path / ".assay", other.path / ".assay");  // as a copy of the index would be
  other.age();
  CHECK(names_in(other.path, {.verdict = "fail"}).size() == 1);
}

TEST_CASE("damaged summaries and killed runs are listed as such") {
  const OutFolder out;
  const fs::path bad = out.add("2026-01-01T10-00-00_a_b");
  REQUIRE(write_file(bad / file::kSummary, std::string_view("{\"schema\": \"assay.summary\", \"verd")));
  const fs::path killed = out.path / "2026-01-02T10-00-00_watch-raw_mps2-an386";
  REQUIRE(make_directories(killed));
  REQUIRE(write_file(killed / file::kEvents, std::string_view("{\"t\":\"2026\",")));
  const fs::path wrong = out.add("2026-01-03T10-00-00_a_b");
  REQUIRE(write_file(
      wrong / file::kSummary,
      std::string_view(R"({"schema": "assay.summary", "verdict": 3, "target": [], "accuracy": 7})")));
  Opened opened(out.path);
  const FoundRuns found = opened.find();
  REQUIRE(found.rows.size() == 3);
  CHECK(found.rows[0].verdict == "unreadable");
  CHECK(found.rows[1].verdict == "incomplete");
  CHECK(found.rows[1].profile == "watch-raw");
  CHECK(found.rows[1].board == "mps2-an386");
  CHECK(found.rows[2].verdict == "unreadable");
}

TEST_CASE("what is no run is none, whatever lies in it") {
  const OutFolder out;
  const auto folder = out.path / "data";
  REQUIRE(make_directories(folder));
  CHECK_FALSE(is_run_folder(folder));
  REQUIRE(write_file(folder / "manifest.json",
                     std::string_view(R"({"schema": "assay.dataset_manifest", "files": []})")));
  REQUIRE(write_file(folder / "events.jsonl", std::string_view("{\"t\":\"2026\",")));
  REQUIRE(write_file(folder / "samples.csv", std::string_view("a,b\n1,2\n")));
  REQUIRE(write_file(folder / "summary.json", std::string_view("{}")));
  CHECK_FALSE(is_run_folder(folder));
  REQUIRE(write_file(folder / "samples.csv", samples_header() + "0,"));
  CHECK(is_run_folder(folder));
}

TEST_CASE("a damaged index is made again, with a warning") {
  const OutFolder out;
  for (int i = 0; i < 60; ++i) out.add(fmt::format("2026-01-01T10-00-00_{}_b", i));
  CHECK(names_in(out.path).size() == 60);
  const fs::path file = out.path / ".assay/index.sqlite";
  const auto good = read_bytes(file).value();
  int warned = 0;
  std::mt19937 random(1);
  for (int i = 0; i < 24; ++i) {
    auto damaged = good;
    if (i < 8) {
      damaged.resize(good.size() * i / 8);
    } else {
      for (size_t at = random() % 4096; at < damaged.size(); at += 1 + random() % 600) damaged[at] ^= 0xff;
    }
    REQUIRE(write_file(file, std::span<const uint8_t>(damaged)));
    Opened opened(out.path);
    INFO(i);
    CHECK(opened.names().size() == 60);
    warned += static_cast<int>(opened.warnings.size());
    for (const std::string& code : opened.warnings) CHECK(code == "results.bad_index");
  }
  CHECK(warned >= 18);
  REQUIRE(write_file(file, std::string_view("this is no database, and long enough to be looked at as one")));
  CHECK(names_in(out.path).size() == 60);
  fs::remove(file);
  CHECK(names_in(out.path).size() == 60);
}

TEST_CASE("an index of another version is made again, silently") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b");
  CHECK(names_in(out.path).size() == 1);
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((out.path / ".assay/index.sqlite").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "PRAGMA user_version = 99; DROP TABLE runs; CREATE TABLE runs(x);", nullptr,
                       nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  Opened opened(out.path);
  CHECK(opened.names().size() == 1);
  CHECK(opened.warnings.empty());
}

TEST_CASE("where the out folder cannot hold the index, the state folder does") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b");
  REQUIRE(write_file(out.path / ".assay", std::string_view("in the way")));
  Opened opened(out.path);
  CHECK(opened.names().size() == 1);
  CHECK(opened.index.place().starts_with((out.root / "state/index").string()));
  setenv("ASSAY_STATE_DIR", (out.path / ".assay/below a file").c_str(), 1);
  Opened nowhere(out.path);
  CHECK(nowhere.index.place() == ":memory:");
  CHECK(nowhere.names().size() == 1);
}

TEST_CASE("a missing out folder has no runs and is not made") {
  const OutFolder out;
  CHECK(names_in(out.path / "none").empty());
  CHECK_FALSE(fs::exists(out.path / "none"));
}

TEST_CASE("indexes that are brought up to date at once wait for each other") {
  const OutFolder out;
  for (int i = 0; i < 50; ++i) out.add(fmt::format("2026-01-01T10-00-00_{}_b", i));
  std::vector<size_t> found(4);
  std::vector<size_t> warnings(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < found.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 5; ++round) {
        std::vector<std::string> warned;
        RunIndex index = RunIndex::open(
            out.path, [&](const std::string& code, const std::string&) { warned.push_back(code); });
        const Status refreshed = index.refresh();
        const auto runs = index.find({});
        if (refreshed && runs) found[t] += runs->rows.size();
        warnings[t] += warned.size();
        std::error_code error;
        fs::create_directories(out.path / fmt::format("other {} {}", t, round), error);  // a reason to write
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(found == std::vector<size_t>(4, 250));
  CHECK(warnings == std::vector<size_t>(4, 0));
}

TEST_CASE("a writer that never ends keeps nobody from the runs") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b");
  CHECK(names_in(out.path).size() == 1);
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((out.path / ".assay/index.sqlite").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
  out.add("2026-01-02T10-00-00_a_b");
  Opened opened(out.path);
  CHECK(opened.names().size() == 2);
  CHECK(opened.warnings == Names{"results.index_busy"});
  sqlite3_close(database);
}

TEST_CASE("rebuilding reads every folder again") {
  const OutFolder out;
  out.add("2026-01-01T10-00-00_a_b");
  out.add("2026-01-02T10-00-00_a_b");
  REQUIRE(make_directories(out.path / "other"));
  Opened opened(out.path);
  CHECK(opened.names().size() == 2);
  const auto rebuilt = opened.index.rebuild();
  REQUIRE(rebuilt);
  CHECK(rebuilt->runs == 2);
  CHECK(rebuilt->others == 1);
  CHECK(opened.names().size() == 2);
}
