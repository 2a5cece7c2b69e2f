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
      {"accuracy.worst_class", -2.4, 0, "pass", "class a: -2.4 pp, n 84"},
      {"accuracy.worst_class", -2.3, 0, "fail", "class a: -2.4 pp, n 84"},
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

TEST_CASE("a failure names the owner of what all samples lost, a rule about one class names the class") {
  auto summary = measured();
  summary.attribution->owner = "compression";
  summary.attribution->sentence = "Quantising to int8 lost 47.8 points of accuracy.";
  const auto sentence = [&](std::vector<const char*> failing) {
    config::Profile profile;
    for (const char* metric : failing) {
      config::Gate& gate = add(profile, metric);
      std::string_view(metric) == "latency.median" ? gate.set_max(1) : gate.set_min(50);
    }
    const auto judgement = judge(profile, {}, summary).value();
    CHECK(judgement.verdict == "fail");
    return judgement.sentence;
  };
  CHECK(sentence({"accuracy.top1"}) == summary.attribution->sentence);
  CHECK(sentence({"latency.median", "accuracy.top1"}) == summary.attribution->sentence);
  CHECK(sentence({"attribution.port"}) == summary.attribution->sentence);
  CHECK(sentence({"accuracy.worst_class"}) ==
        "1 of 1 gates failed: accuracy.worst_class: class a: -2.4 pp, n 84 is below 50.");
  CHECK(sentence({"latency.median"}).starts_with("1 of 1 gates failed: latency.median: "));
  for (const char* owner : {"none", "unknown"}) {
    summary.attribution->owner = owner;
    CHECK(sentence({"accuracy.top1"}).starts_with("1 of 1 gates failed: accuracy.top1: "));
  }
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

TEST_CASE("every class must hold its margin, the one that decides is named") {
  config::Profile profile;
  auto& gate = add(profile, "accuracy.class_delta");
  gate.set_margin_pp(10);
  auto summary = measured();
  const auto row = [](const char* name, int64_t support, double delta, double lo) {
    return results::ClassRow{
        .name = name, .support = support, .delta = delta, .delta_lo = lo, .delta_hi = 0.05};
  };
  summary.accuracy->classes = {row("a", 84, -0.02, -0.05), row("b", 40, 0, -0.075),
                               row("rare", 12, -0.5, -0.7)};
  auto result = one(summary, profile);
  CHECK(result.verdict == "pass");
  CHECK(result.observed ==
        "class b: 0.0 pp [-7.5, 5.0], n 40");  // the lowest interval; 12 samples are not judged
  gate.set_margin_pp(6);
  CHECK(one(summary, profile).verdict == "inconclusive");
  summary.accuracy->classes[0].delta = -0.08;
  result = one(summary, profile);
  CHECK(result.verdict == "fail");
  CHECK(result.observed == "class a: -8.0 pp [-5.0, 5.0], n 84");
  gate.set_class_("b");
  CHECK(one(summary, profile).verdict == "inconclusive");
  gate.set_class_("rare");
  CHECK(one(summary, profile).reason == "class rare has 12 samples: below 30 it is not judged");
  gate.set_class_("x");
  CHECK(one(summary, profile).reason == "there is no class 'x'");
}

TEST_CASE("gates on slices") {
  config::Profile profile;
  auto& gate = add(profile, "accuracy.slice_delta");
  gate.set_min(-5);
  auto summary = measured();
  CHECK(one(summary, profile).verdict == "inconclusive");
  summary.slices = {{.column = "room", .value = "noise", .support = 60, .delta = -0.2},
                    {.column = "", .value = "evening", .support = 90, .delta = -0.01},
                    {.column = "room", .value = "car", .support = 9, .delta = -0.9}};
  CHECK(one(summary, profile).reason == "slice room=noise: -20.0 pp, n 60 is below -5");
  gate.set_slice("evening");
  CHECK(one(summary, profile).verdict == "pass");
  gate.set_slice("room=car");
  CHECK(one(summary, profile).verdict == "inconclusive");
  gate.set_slice("room=bath");
  CHECK(one(summary, profile).reason == "there is no slice 'room=bath'");
}

TEST_CASE("gates on the figures of tasks and tensors") {
  auto summary = measured();
  summary.task.emplace();
  summary.task->kind = "anomaly";
  summary.task->figures = {
      {.name = "auc",
       .device = results::Figure{.value = 0.91, .unit = "1", .n = 400},
       .delta = results::Figure{.value = -0.004, .unit = "1", .n = 400, .lo = -0.01, .hi = 0.002}}};
  summary.tensors = {{.a = "R2", .b = "D", .elements = 4800, .mae = 0, .max_abs = 0, .exact = true},
                     {.a = "R0", .b = "D", .elements = 4800, .sqnr_db = 31.26, .cosine = 0.999}};
  struct Row {
    const char* metric;
    double min;
    const char *verdict, *observed;
  };
  for (const Row& row :
       {Row{"anomaly.auc", 0.9, "pass", "0.9100, n 400"}, Row{"anomaly.auc", 0.92, "fail", "0.9100, n 400"},
        Row{"anomaly.auc_delta", -0.5, "pass", "-0.40 pp [-1.00, 0.20], n 400"},
        Row{"regression.rmse", 0, "inconclusive", ""}, Row{"anomaly.pauc", 0, "inconclusive", ""},
        Row{"tensor.port_sqnr", 90, "pass", "exact (infinite), n 4800"},
        Row{"tensor.total_sqnr", 32, "fail", "31.3 dB, n 4800"},
        Row{"tensor.total_cosine", 0.99, "pass", "0.999000, n 4800"}}) {
    config::Profile profile;
    add(profile, row.metric).set_min(row.min);
    const auto result = one(summary, profile);
    CAPTURE(row.metric, row.min, result.reason);
    CHECK(result.verdict == row.verdict);
    CHECK(result.observed == row.observed);
  }
  config::Profile profile;
  add(profile, "anomaly.auc_delta").set_margin_pp(2);
  CHECK(one(summary, profile).verdict == "pass");
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
  const auto has = [&](auto&& edit, const char* text) {
    CHECK(message(edit).find(text) != std::string::npos);
  };
  has([](auto& g) { g.set_metric("accuracy.class_flips"), g.set_max(2); }, "takes margin_pp");
  has([](auto& g) { g.set_metric("accuracy.class_flips"), g.set_margin_pp(1), g.set_alpha(2); },
      "alpha is a number in 0..1");
  has([](auto& g) { g.set_metric("accuracy.delta"), g.set_margin_pp(1), g.set_alpha(0.1); },
      "for accuracy.class_flips");
  has([](auto& g) { g.set_metric("memory.ram"), g.set_max(1), g.set_class_("a"); },
      "not a figure of one class");
  has([](auto& g) { g.set_metric("accuracy.class_delta"), g.set_min(1), g.set_slice("a"); },
      "not a figure of one slice");
}
