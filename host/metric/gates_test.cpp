#include "metric/gates.h"

#include "catch.h"
#include "config/profile.pb.h"

using namespace assay;
using namespace assay::metric;

namespace {

results::Summary measured() {
  results::Summary s;
  s.samples_done = 707;
  s.accuracy.emplace();
  s.accuracy->device = results::Figure{.value = 0.423, .unit = "1", .kind = "emulated", .n = 707};
  s.accuracy->delta = results::Figure{.value = -0.478, .unit = "1", .n = 707, .lo = -0.516, .hi = -0.44};
  s.accuracy->classes = {{.name = "a", .support = 84, .delta = -0.024, .sufficient = true}};
  s.accuracy->worst_class = 0;
  s.attribution.emplace();
  s.attribution->port_bits = 0;
  s.latency.emplace();
  s.latency->median = results::Figure{.value = 7700000, .unit = "instructions", .kind = "emulated", .n = 706};
  s.latency->p95 = results::Figure{.value = 38440000, .unit = "ns", .kind = "measured", .n = 706};
  s.memory.emplace();
  s.memory->arena_planned = results::Figure{.value = 8192, .unit = "B"};
  return s;
}

config::Gate& add(config::Profile& profile, const char* metric) {
  auto* gate = profile.add_gate();
  gate->set_metric(metric);
  return *gate;
}

results::Gate one(const results::Summary& summary, const config::Profile& profile) {
  const auto judgement = judge(profile, {{"gate[0].metric", "profile.toml:9"}}, summary);
  REQUIRE(judgement);
  REQUIRE(judgement->gates.size() == 1);
  CHECK(judgement->gates[0].where == "profile.toml:9");
  return judgement->gates[0];
}

}  // namespace

TEST_CASE("bounds decide, at their edge too") {
  struct Row {
    const char* metric;
    double min, max;
    const char* verdict;
    const char* observed;
  };
  const Row rows[] = {
      {"accuracy.top1", 42.3, 100, "pass", "42.3 %, n 707"},
      {"accuracy.top1", 42.4, 100, "fail", "42.3 %, n 707"},
      {"accuracy.worst_class", -2.4, 0, "pass", "-2.4 pp, n 84"},
      {"accuracy.worst_class", -2.3, 0, "fail", "-2.4 pp, n 84"},
      {"attribution.port", 0, 0, "pass", "0 bits"},
      {"latency.median", 0, 7700000, "pass", "7700000 instructions, n 706"},
      {"latency.median", 0, 7699999, "fail", "7700000 instructions, n 706"},
      {"latency.p95_ms", 0, 38.44, "pass", "38.440 ms, n 706"},
      {"latency.p95_ms", 0, 38, "fail", "38.440 ms, n 706"},
      {"memory.arena", 0, 8192, "pass", "8192 B"},
      {"memory.arena", 0, 8191, "fail", "8192 B"},
      {"memory.ram", 0, 1, "inconclusive", ""},
      {"flash.total", 0, 1, "inconclusive", ""},
      {"attribution.rounding", 0, 1, "inconclusive", ""},
      {"latency.median_ms", 0, 50, "inconclusive", ""},
  };
  for (const Row& row : rows) {
    config::Profile profile;
    auto& gate = add(profile, row.metric);
    gate.set_min(row.min), gate.set_max(row.max);
    const auto result = one(measured(), profile);
    CAPTURE(row.metric, row.min, row.max, result.reason);
    CHECK(result.verdict == row.verdict);
    CHECK(result.observed == row.observed);
    CHECK(result.reason.empty() == (result.verdict == "pass"));
  }
}

TEST_CASE("non-inferiority: lower bound decides, too few samples are inconclusive") {
  config::Profile profile;
  add(profile, "accuracy.delta").set_margin_pp(2);
  auto summary = measured();
  auto result = one(summary, profile);
  CHECK(result.verdict == "fail");
  CHECK(result.rule == "lower 95 % bound >= -2 pp");
  CHECK(result.observed == "-47.8 pp [-51.6, -44.0], n 707");
  summary.accuracy->delta = results::Figure{.value = -0.005, .n = 1000, .lo = -0.012, .hi = 0.001};
  CHECK(one(summary, profile).verdict == "pass");
  summary.accuracy->delta = results::Figure{.value = -0.005, .n = 60, .lo = -0.05, .hi = 0.03};
  result = one(summary, profile);
  CHECK(result.verdict == "inconclusive");
  CHECK(result.reason.find("too few samples") == 0);
  summary.accuracy.reset();
  CHECK(one(summary, profile).reason == "there are no labels");
}

TEST_CASE("the run: any fail, else any inconclusive, else pass") {
  config::Profile profile;
  CHECK(judge(profile, {}, measured())->verdict == "pass");
  CHECK(judge(profile, {}, results::Summary())->exit_code == 5);
  add(profile, "attribution.port").set_equals(0);
  CHECK(judge(profile, {}, measured())->exit_code == 0);
  add(profile, "memory.ram").set_max(1000);
  CHECK(judge(profile, {}, measured())->exit_code == 5);
  CHECK(judge(profile, {}, measured())->sentence ==
        "1 of 2 gates are open: memory.ram: RAM was not measured.");
  add(profile, "accuracy.top1").set_min(90);
  const auto failed = judge(profile, {}, measured()).value();
  CHECK(failed.exit_code == 1);
  CHECK(failed.verdict == "fail");
  CHECK(failed.sentence == "1 of 3 gates failed: accuracy.top1: 42.3 %, n 707 is below 90.");
}

TEST_CASE("what is no valid measurement does not pass") {
  config::Profile profile;
  add(profile, "latency.median").set_max(1e9);
  auto summary = measured();
  for (const char* validity : {"degraded", "invalid"}) {
    summary.latency->median->validity = validity;
    CHECK(one(summary, profile).verdict == "inconclusive");
  }
  summary.latency->median->validity = "valid";
  summary.latency->median->value = std::nan("");
  CHECK(one(summary, profile).verdict == "inconclusive");
}

TEST_CASE("cycles become milliseconds with the core clock only") {
  config::Profile profile;
  add(profile, "latency.median_ms").set_max(50);
  auto summary = measured();
  summary.latency->median = results::Figure{.value = 4800000, .unit = "cycles", .kind = "measured"};
  CHECK(one(summary, profile).verdict == "inconclusive");
  summary.target.core_clock_hz = 120000000;
  CHECK(one(summary, profile).observed == "40.000 ms");
  summary.target.emulated = true;  // its clock is a parameter, not a speed
  CHECK(one(summary, profile).reason.find("not comparable: an emulated board") == 0);
}

TEST_CASE("gates that mean nothing are refused where they stand") {
  const auto message = [](auto&& edit) {
    config::Profile profile;
    edit(*profile.add_gate());
    const auto status = check_gates(profile, {{"gate[0]", "profile.toml:5"}});
    REQUIRE_FALSE(status);
    CHECK(status.error().code == "config.value");
    CHECK(status.error().where == "profile.toml:5");
    return status.error().message;
  };
  CHECK(message([](auto& g) { g.set_metric("latency.medain"), g.set_max(1); }) ==
        "gates know no metric 'latency.medain'; did you mean 'latency.median'?");
  CHECK(message([](auto& g) { g.set_metric("memory.ram"); }).find("no bound") != std::string::npos);
  CHECK(message([](auto& g) { g.set_metric("memory.ram"), g.set_margin_pp(1); }).find("accuracy.delta") !=
        std::string::npos);
  CHECK(message([](auto& g) { g.set_metric("accuracy.delta"), g.set_margin_pp(-1); }).find(">= 0") !=
        std::string::npos);
}
