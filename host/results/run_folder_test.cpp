#include "results/run_folder.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <regex>

#include "base/digest.h"
#include "catch.h"
#include "results/csv.h"
#include "results/run_claim.h"
#include "results/run_time.h"

using namespace assay;
using namespace assay::results;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("assay_run_folder_" + std::to_string(getpid()));
  Scratch() { fs::remove_all(path); }
  ~Scratch() { fs::remove_all(path); }
};

void append(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::app) << text; }

}  // namespace

TEST_CASE("a run folder is complete once its manifest is written, and the manifest sees changes") {
  const Scratch scratch;
  const auto folder = RunFolder::create(scratch.path / "run").value();
  REQUIRE(folder.write_summary({.title = "a"}));
  REQUIRE(folder.write_ops({{.index = 0, .op = "CONV_2D", .median = 12.5, .macs = 7}}));
  REQUIRE(folder.write_memory({.arena = {{.name = "t0", .bytes = 64}}}));
  REQUIRE(make_directories(folder.path("refs")));
  REQUIRE(write_file(folder.path("refs") / "r2.npy", std::string_view("abc")));
  CHECK_FALSE(folder.complete());
  CHECK(folder.verify_manifest().error().message.find("incomplete") != std::string::npos);
  REQUIRE(folder.write_manifest());
  CHECK(folder.complete());
  CHECK(folder.verify_manifest().value().empty());
  const auto artifacts = folder.artifacts().value();
  REQUIRE(artifacts.size() == 4);
  CHECK(artifacts[2].file == "refs/r2.npy");
  CHECK(artifacts[2].role == "reference");
  CHECK(artifacts[2].bytes == 3);
  CHECK(artifacts[2].sha256 == sha256_hex(std::string_view("abc")));
  append(folder.path("ops.csv"), "x");
  append(folder.path("new.txt"), "x");
  fs::remove(folder.path("memory.json"));
  CHECK(folder.verify_manifest().value() == std::vector<std::string>{"new.txt is not in the manifest",
                                                                     "ops.csv was changed after the run",
                                                                     "memory.json is missing"});
  REQUIRE(write_file(folder.path("manifest.json"), std::string_view("{\"files\":[{}]}")));
  CHECK(folder.verify_manifest().error().code == "results.bad_run");
  CHECK(folder.read_summary()->title == "a");
  CHECK(RunFolder::create(folder.path()).error().code == "results.bad_run");
}

TEST_CASE("tables keep their values, also awkward names") {
  const Scratch scratch;
  const auto folder = RunFolder::create(scratch.path).value();
  const std::vector<Flip> flips = {{.sample = "a,\"b\"\r\nc",
                                    .index = 7,
                                    .truth = 1,
                                    .reference = 1,
                                    .device = 0,
                                    .kind = "broken",
                                    .reference_margin = 0.1,
                                    .envelope = true}};
  REQUIRE(folder.write_flips(flips));
  const auto back = folder.read_flips().value();
  REQUIRE(back.size() == 1);
  CHECK(back[0].sample == flips[0].sample);
  CHECK(back[0].reference_margin == 0.1);
  CHECK(back[0].r1 == -1);
  CHECK(back[0].envelope);
  REQUIRE(
      folder.write_ops({{.index = 3, .op = "FC", .kernel = "dsp", .share = 0.25, .arena_bytes_live = 9}}));
  const auto ops = folder.read_ops().value();
  CHECK(ops[0].share == 0.25);
  CHECK_FALSE(ops[0].median);
  CHECK(parse_flips("sample,index\nx,1\n", "f").error().message == "column 'truth' is missing");
  CHECK(parse_csv("a,b\n1\n", "f").error().message == "line 2 has 1 fields, the header 2");
  CHECK(parse_csv("a,b\n1,\"2\n", "f").error().message == "line 2: a quote never closes");
}

TEST_CASE("the sample journal survives a cut line and is continued") {
  const Scratch scratch;
  const auto folder = RunFolder::create(scratch.path).value();
  {
    auto journal = folder.sample_journal().value();
    REQUIRE(journal.write(
        {.index = 0, .id = "a", .truth = 2, .device = 1, .ticks = 4294967297, .first_run = true}));
    CHECK(folder.read_samples()->size() == 1);  // readable while it grows
    REQUIRE(journal.write({.index = 1, .id = "b", .status = "timeout", .retries = 2}));
  }
  append(folder.path("samples.csv"), "2,c,do");
  CHECK(folder.read_samples()->size() == 2);
  auto journal = folder.sample_journal().value();  // resume: the cut line is removed, no second header
  REQUIRE(journal.write({.index = 1, .id = "b"}));
  const auto rows = folder.read_samples().value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].ticks == 4294967297);
  CHECK(rows[0].first_run);
  CHECK(rows[1].status == "done");
  CHECK(rows[1].truth == -1);
  append(folder.path("samples.csv"), "x,c,done,,,,0,0\n");
  CHECK(folder.read_samples().error().message.find("'x' is no value of column 'index'") != std::string::npos);
}

TEST_CASE("a full disk leaves whole lines only") {
  const Scratch scratch;
  const auto folder = RunFolder::create(scratch.path).value();
  auto journal = folder.sample_journal().value();
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};  // the kernel writes up to here, then refuses
  setrlimit(RLIMIT_FSIZE, &small);
  Status status;
  int written = 0;
  while ((status = journal.write({.index = written, .id = "sample"})) && written < 100) ++written;
  const auto summary = folder.write_summary({});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == "base.disk_full");
  CHECK(read_text(folder.path("samples.csv"))->back() == '\n');
  CHECK(static_cast<int>(folder.read_samples()->size()) == written);
  CHECK(summary.error().code == "base.disk_full");
  CHECK_FALSE(folder.has("summary.json"));
  CHECK(folder.artifacts()->size() == 1);
}

TEST_CASE("events are readable while they are written") {
  const Scratch scratch;
  const auto folder = RunFolder::create(scratch.path).value();
  auto events = folder.event_writer().value();
  REQUIRE(events.write(EventKind::kPhase, {{"name", "run"}}));
  REQUIRE(
      events.write(EventKind::kProgress, {{"done", 41}, {"rate", 2.5}, {"ok", true}, {"bad", std::nan("")}}));
  append(folder.path("events.jsonl"), "no json\n{\"t\":\"x\",\"event\":\"lo");
  const auto batch = read_events(folder.path("events.jsonl")).value();
  REQUIRE(batch.events.size() == 2);
  CHECK(batch.bad_lines == 1);
  CHECK(batch.events[1].event == "progress");
  CHECK(std::get<int64_t>(*batch.events[1].find("done")) == 41);
  CHECK(std::get<double>(*batch.events[1].find("rate")) == 2.5);
  CHECK(batch.events[1].find("bad") == nullptr);
  CHECK(std::regex_match(batch.events[0].time,
                         std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z")));
  append(folder.path("events.jsonl"), "g\"}\n");
  const auto more = read_events(folder.path("events.jsonl"), batch.next_offset).value();
  REQUIRE(more.events.size() == 1);
  CHECK(more.events[0].event == "log");
}

TEST_CASE("runs are found by path, id, name and @last") {
  const Scratch scratch;
  CHECK(resolve_run("@last", scratch.path).error().code == "results.no_run");
  for (const char* name : {"2026-01-02T00-00-00_a_b", "2026-01-01T00-00-00_a_b"}) {
    REQUIRE(RunFolder::create(scratch.path / name)->write_summary({}));
  }
  REQUIRE(make_directories(scratch.path / "2027_not_a_run"));
  const auto runs = list_runs(scratch.path);
  REQUIRE(runs.size() == 2);
  CHECK(resolve_run("@last", scratch.path).value() == runs[1]);
  CHECK(runs[1].filename() == "2026-01-02T00-00-00_a_b");
  CHECK(run_id_of(runs[0]).size() == 7);
  CHECK(run_id_of(runs[0] / "") == run_id_of(runs[0]));
  CHECK(resolve_run(run_id_of(runs[0]), scratch.path).value() == runs[0]);
  CHECK(resolve_run(run_id_of(runs[0]).substr(0, 4), scratch.path).value() == runs[0]);
  CHECK(resolve_run("2026-01-01", scratch.path).value() == runs[0]);
  CHECK(resolve_run("2026", scratch.path).error().message.find(" or ") != std::string::npos);
  CHECK(resolve_run(runs[0], "/nowhere").value() == runs[0]);
  CHECK(resolve_run("nothing", scratch.path).error().code == "results.no_run");
  CHECK(resolve_run(scratch.path / "2027_not_a_run", scratch.path).error().code == "results.bad_run");
}

TEST_CASE("names of runs sort in the order of starting, within a second and when the clock is set back") {
  const Scratch scratch;
  const auto noon = time_of_folder_text("2026-05-01T12-00-00_x").value();
  const auto first = new_run_path(scratch.path, "my profile/x", "b", noon);
  CHECK(first.filename() == "2026-05-01T12-00-00_my-profile-x_b");
  REQUIRE(RunClaim::create(first, "[profile]\n", "one"));
  const auto second = new_run_path(scratch.path, "a", "b", noon);
  CHECK(second.filename() == "2026-05-01T12-00-01_a_b");
  REQUIRE(RunClaim::create(second, "[profile]\n", "two"));
  const auto third = new_run_path(scratch.path, "z", "b", noon - std::chrono::hours(3));
  CHECK(third.filename() == "2026-05-01T12-00-02_z_b");
  REQUIRE(RunClaim::create(third, "[profile]\n", "three"));
  CHECK(list_runs(scratch.path) == std::vector<fs::path>{first, second, third});
  CHECK(resolve_run("@last", scratch.path).value() == third);
  CHECK(new_run_path(scratch.path, "z", "b", noon + std::chrono::hours(1)).filename() ==
        "2026-05-01T13-00-00_z_b");
  CHECK_FALSE(time_of_folder_text("2026-13-01T12-00-00_x"));
  CHECK_FALSE(time_of_folder_text("2026-05-01T12-00-00x"));
  CHECK_FALSE(time_of_folder_text("my-run"));
}
