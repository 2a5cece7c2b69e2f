#include "metric/baseline_check.h"

#include "catch.h"

using namespace assay;
using namespace assay::metric;

namespace {

// Class "rare" has 30 samples, "common" 300; `wrong` of the rare ones are missed.
Side run_of(int wrong, double latency = 1000, const char* name = "aaaaaaa") {
  Side s{.name = name, .from = "run", .verdict = "pass", .class_names = {"common", "rare"}};
  s.identity = {.profile = "kws",
                .model_name = "m.tflite",
                .model_sha256 = std::string(64, 'a'),
                .dataset_name = "test",
                .dataset_hash = "d",
                .ids_sha256 = "i",
                .samples = 330,
                .board = "mps2-an386",
                .mode = "exact",
                .clock_kind = "instructions (emulated)",
                .engine = "native"};
  for (int i = 0; i < 330; ++i) {
    const int truth = i < 300 ? 0 : 1;
    s.answers.push_back({std::to_string(i), truth, truth == 1 && i - 300 < wrong ? 0 : truth});
  }
  s.classes = count_classes(s.answers, s.class_names);
  s.outputs_sha256 = std::to_string(wrong);
  const auto add = [&](const char* figure, double value, const char* unit, const char* kind) {
    auto named = *results::describe_figure(figure);
    named.exact = true, named.figure = {.value = value, .unit = unit, .kind = kind};
    s.figures.push_back(named);
  };
  add("accuracy.top1", (330.0 - wrong) / 330, "1", "emulated");
  add("latency.median", latency, "instructions", "emulated");
  add("flash.total", 5000, "B", "measured");
  return s;
}

results::Baseline baseline_of_one(const Side& run) {
  auto made = baseline_of({run});
  REQUIRE(made);
  return *made;
}

const results::Gate& gate(const BaselineVerdict& held, const std::string& metric) {
  for (const auto& g : held.gates)
    if (g.metric == metric) return g;
  FAIL("no gate " << metric);
  return held.gates.front();
}

}  // namespace

TEST_CASE("The same run again never fails") {
  const auto held = check_baseline(baseline_of_one(run_of(4)), "b.toml", run_of(4), {});
  CHECK(held.verdict == "pass");
  CHECK(held.issues.empty());
  for (const auto& g : held.gates) CHECK(g.verdict == "pass");
  CHECK(held.since.sentence == "As the baseline, to the last bit of the outputs.");
}

TEST_CASE("Three flips in the rarest class fail, and the class is named") {
  const auto held = check_baseline(baseline_of_one(run_of(0)), "b.toml", run_of(3), {});
  CHECK(held.verdict == "fail");
  CHECK(gate(held, "baseline.accuracy").verdict == "fail");
  CHECK(gate(held, "baseline.accuracy").observed.find("class rare 30 > 27 of 30 right (3 broken, 0 fixed)") !=
        std::string::npos);
  CHECK(gate(held, "baseline.latency").verdict == "pass");
  results::Summary summary;
  summary.verdict = "pass", summary.exit_code = 0;
  hold(held, summary);
  CHECK(summary.verdict == "fail");
  CHECK(summary.exit_code == 1);
  CHECK(summary.sentence.find("class rare") != std::string::npos);
  REQUIRE(summary.baseline);
  CHECK(summary.baseline->word == "worse");
}

TEST_CASE("Better fails nothing, but is named so that it is taken over") {
  const auto held = check_baseline(baseline_of_one(run_of(3, 1000)), "b.toml", run_of(1, 990), {});
  CHECK(held.verdict == "pass");
  REQUIRE(held.issues.size() == 1);
  CHECK(held.issues[0].code == "baseline.outdated");
  CHECK(held.issues[0].severity == "note");
  CHECK(held.issues[0].message.find("latency.median 1000 instructions > 990 instructions") !=
        std::string::npos);
  CHECK(held.issues[0].message.find("class rare") != std::string::npos);
}

TEST_CASE("One instruction more fails: emulated counts are exact") {
  const auto held = check_baseline(baseline_of_one(run_of(0, 1000)), "b.toml", run_of(0, 1001), {});
  CHECK(held.verdict == "fail");
  CHECK(gate(held, "baseline.latency").observed == "latency.median 1000 instructions > 1001 instructions");
}

TEST_CASE("A baseline of another subject is named and never compared") {
  struct Row {
    std::string results::Identity::*key;
    const char* code;
  };
  for (const Row& r : {Row{&results::Identity::model_sha256, "baseline.other_model"},
                       Row{&results::Identity::dataset_hash, "baseline.other_dataset"},
                       Row{&results::Identity::ids_sha256, "baseline.other_samples"},
                       Row{&results::Identity::board, "baseline.other_board"},
                       Row{&results::Identity::mode, "baseline.other_mode"},
                       Row{&results::Identity::clock_kind, "baseline.other_clock"},
                       Row{&results::Identity::profile, "baseline.other_profile"},
                       Row{&results::Identity::engine, "baseline.other_engine"}}) {
    Side now = run_of(30, 9000);
    now.identity.*r.key = "another";
    const auto held = check_baseline(baseline_of_one(run_of(0)), "b.toml", now, {});
    CAPTURE(r.code);
    CHECK(held.verdict == "inconclusive");
    REQUIRE(held.issues.size() == 1);
    CHECK(held.issues[0].code == r.code);
    REQUIRE(held.gates.size() == 1);
    CHECK(held.gates[0].verdict == "inconclusive");
    for (const auto& row : held.since.rows) CHECK(row.word == "not comparable");
  }
}

TEST_CASE("A figure that the baseline holds and the run lacks is no pass") {
  Side now = run_of(0);
  now.figures.erase(now.figures.begin() + 1);
  const auto held = check_baseline(baseline_of_one(run_of(0)), "b.toml", now, {});
  CHECK(held.verdict == "inconclusive");
  CHECK(gate(held, "baseline.latency").observed == "latency.median 1000 instructions > absent");
}

TEST_CASE("Several runs make one baseline when they are of one subject") {
  Side noisy[3] = {run_of(0, 1000, "a"), run_of(0, 1030, "b"), run_of(0, 1010, "c")};
  for (Side& run : noisy)
    run.figures[1].exact = false, run.figures[1].figure.kind = "measured",
    run.figures[1].figure.unit = "cycles";
  const auto made = baseline_of({noisy[0], noisy[1], noisy[2]});
  REQUIRE(made);
  CHECK(made->repeats == 3);
  CHECK(made->run_id == "c");
  const auto& latency = made->figures[1];
  CHECK(latency.figure.value == 1010);
  CHECK(latency.figure.lo == 1000.0);
  CHECK(latency.figure.hi == 1030.0);
  CHECK(latency.figure.n == 3);
  // Within what the repeats showed and the tolerance nothing fails; beyond it does.
  CHECK(check_baseline(*made, "b.toml", noisy[1], {}).verdict == "pass");
  Side slow = run_of(0, 1060);
  slow.figures[1] = noisy[0].figures[1], slow.figures[1].figure.value = 1060;
  CHECK(check_baseline(*made, "b.toml", slow, {}).verdict == "fail");
  CHECK(baseline_of({run_of(0), run_of(1)}).error().code == "baseline.unlike_runs");
  Side other = run_of(0);
  other.identity.model_sha256 = "b";
  CHECK(baseline_of({run_of(0), other}).error().code == "baseline.unlike_runs");
  other = run_of(0);
  other.complete = false;
  CHECK(baseline_of({other}).error().code == "baseline.not_finished");
}

TEST_CASE("Times of a process are neither kept nor held") {
  Side run = run_of(0);
  run.figures[1].figure = {.value = 5e6, .unit = "ns", .kind = "host"};
  const auto baseline = baseline_of_one(run);
  CHECK(baseline.figures.size() == 2);
  run.figures[1].figure.value = 9e9;
  const auto held = check_baseline(baseline, "b.toml", run, {});
  CHECK(held.verdict == "pass");
  CHECK(held.issues.empty());
}

TEST_CASE("A missing baseline makes a pass inconclusive and leaves a failure one") {
  const auto held = no_baseline({"baseline.missing", "there is no baseline", "b.toml", ""}, "b.toml");
  results::Summary summary;
  summary.verdict = "pass", summary.exit_code = 0;
  hold(held, summary);
  CHECK(summary.exit_code == 5);
  CHECK(summary.issues.at(0).code == "baseline.missing");
  summary = {};
  summary.verdict = "fail", summary.exit_code = 1, summary.sentence = "Lost.";
  hold(held, summary);
  CHECK(summary.exit_code == 1);
  CHECK(summary.sentence == "Lost.");
}
