#include "metric/gates.h"

#include <fmt/format.h>

#include <cmath>

#include "config/nearest.h"
#include "config/profile.pb.h"

namespace assay::metric {
namespace {

using results::Figure;
using results::Summary;

// What a rule compares: the figure in the rule's unit, or why there is none.
struct Observed {
  std::optional<Figure> figure;
  std::string missing;  // one sentence, when there is no figure
};

Observed scaled(const std::optional<Figure>& figure, double factor, std::string missing) {
  if (!figure) return {std::nullopt, std::move(missing)};
  if (figure->validity == "invalid") return {std::nullopt, "the measurement is invalid"};
  if (!std::isfinite(figure->value)) return {std::nullopt, "the value is not finite"};
  Figure out = *figure;
  out.value *= factor;
  if (out.lo) *out.lo *= factor;
  if (out.hi) *out.hi *= factor;
  return {out, ""};
}

Observed count(const std::optional<int64_t>& value, std::string missing) {
  if (!value) return {std::nullopt, std::move(missing)};
  return {Figure{.value = static_cast<double>(*value)}, ""};
}

Observed accuracy_delta(const Summary& s) {
  if (!s.accuracy) return {std::nullopt, "there are no labels"};
  return scaled(s.accuracy->delta, 100, "no reference was run");
}
Observed accuracy_top1(const Summary& s) {
  if (!s.accuracy) return {std::nullopt, "there are no labels"};
  return scaled(s.accuracy->device, 100, "the device gave no answers");
}
Observed worst_class_delta(const Summary& s) {
  if (!s.accuracy) return {std::nullopt, "there are no labels"};
  const auto worst = s.accuracy->worst_class;
  if (!worst || *worst < 0 || static_cast<size_t>(*worst) >= s.accuracy->classes.size()) {
    return {std::nullopt, "no class has 30 samples and a reference"};
  }
  const results::ClassRow& row = s.accuracy->classes[static_cast<size_t>(*worst)];
  if (!row.delta) return {std::nullopt, "no reference was run"};
  return {Figure{.value = *row.delta * 100, .n = row.support}, ""};
}
Observed port_bits(const Summary& s) {
  const results::Attribution* a = s.attribution ? &*s.attribution : nullptr;
  if (a && a->port_tolerance && a->port_outside) {
    return {Figure{.value = static_cast<double>(*a->port_outside), .unit = fmt::format("outputs beyond {:g}", *a->port_tolerance)}, ""};
  }
  if (a && !a->port_bits && a->port_max_error) {
    return {std::nullopt, "port not attributable to bits: the outputs are rounded numbers; declare port_tolerance in [references]"};
  }
  return count(s.attribution ? s.attribution->port_bits : std::nullopt,
               "port not attributable: the engine has no host build");
}
Observed rounding_flips(const Summary& s) {
  return count(s.attribution ? s.attribution->rounding_flips : std::nullopt,
               "rounding needs a desktop runtime and a host build of the engine");
}

std::optional<Figure> latency_figure(const Summary& s, std::optional<Figure> results::Latency::*member) {
  return s.latency ? (*s.latency).*member : std::nullopt;
}

template <std::optional<Figure> results::Latency::*kMember>
Observed latency_in_clock(const Summary& s) {
  return scaled(latency_figure(s, kMember), 1, "latency was not measured");
}

template <std::optional<Figure> results::Latency::*kMember>
Observed latency_ms(const Summary& s) {
  const auto figure = latency_figure(s, kMember);
  if (!figure) return {std::nullopt, "latency was not measured"};
  if (figure->kind == "emulated" || s.target.emulated) {
    return {std::nullopt, "not comparable: an emulated board counts instructions, not time"};
  }
  if (figure->unit == "ns") return scaled(figure, 1e-6, "");
  if (figure->unit == "cycles" && s.target.core_clock_hz.value_or(0) > 0) {
    return scaled(figure, 1000.0 / static_cast<double>(*s.target.core_clock_hz), "");
  }
  return {std::nullopt,
          fmt::format("not comparable: {} without a core clock have no duration", figure->unit)};
}

Observed memory_ram(const Summary& s) {
  return scaled(s.memory ? s.memory->ram_total : std::nullopt, 1, "RAM was not measured");
}
Observed memory_arena(const Summary& s) {
  if (s.memory && s.memory->arena_touched) return scaled(s.memory->arena_touched, 1, "");
  return scaled(s.memory ? s.memory->arena_planned : std::nullopt, 1, "the arena was not measured");
}
Observed flash_total(const Summary& s) {
  return scaled(s.flash ? s.flash->total : std::nullopt, 1, "flash was not measured");
}

struct MetricRow {
  const char* name;
  const char* unit;  // "" : the unit of the figure (the clock's)
  int digits;
  Observed (*take)(const Summary&);
  bool has_margin;
};
constexpr MetricRow kMetrics[] = {
    {"accuracy.delta", "pp", 1, accuracy_delta, true},
    {"accuracy.top1", "%", 1, accuracy_top1, false},
    {"accuracy.worst_class", "pp", 1, worst_class_delta, false},
    {"attribution.port", "bits", 0, port_bits, false},
    {"attribution.rounding", "flips", 0, rounding_flips, false},
    {"latency.median", "", 0, latency_in_clock<&results::Latency::median>, false},
    {"latency.p95", "", 0, latency_in_clock<&results::Latency::p95>, false},
    {"latency.median_ms", "ms", 3, latency_ms<&results::Latency::median>, false},
    {"latency.p95_ms", "ms", 3, latency_ms<&results::Latency::p95>, false},
    {"memory.ram", "B", 0, memory_ram, false},
    {"memory.arena", "B", 0, memory_arena, false},
    {"flash.total", "B", 0, flash_total, false},
};

const MetricRow* find_metric(const std::string& name) {
  for (const MetricRow& row : kMetrics) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::string place_of(const std::map<std::string, std::string>& places, int index, const char* key) {
  const auto exact = places.find(fmt::format("gate[{}].{}", index, key));
  if (exact != places.end()) return exact->second;
  const auto table = places.find(fmt::format("gate[{}]", index));
  return table == places.end() ? "" : table->second;
}

Status check_gate(const config::Gate& gate, const std::string& where) {
  const MetricRow* row = find_metric(gate.metric());
  if (!row) {
    const std::string near = config::nearest(gate.metric(), gate_metrics());
    return fail("config.value",
                fmt::format("gates know no metric '{}'{}", gate.metric(),
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
                where);
  }
  if (gate.has_margin_pp() && !row->has_margin) {
    return fail("config.value",
                fmt::format("margin_pp is for accuracy.delta, not for {}: write min or max", row->name),
                where);
  }
  if (gate.has_margin_pp() && gate.margin_pp() < 0) {
    return fail("config.value", "margin_pp is a loss that is allowed: a number >= 0", where);
  }
  if (!gate.has_min() && !gate.has_max() && !gate.has_equals() && !gate.has_margin_pp()) {
    return fail("config.value",
                fmt::format("the gate on {} has no bound: write min, max, equals or margin_pp", row->name),
                where);
  }
  return {};
}

// The metric's own unit, the clock's, or the one that a declared tolerance changes it to.
std::string shown_unit(const MetricRow& row, const std::string& figure) {
  return row.unit[0] == 0 || figure.starts_with("outputs beyond") ? figure : row.unit;
}

std::string rule_text(const config::Gate& gate, const MetricRow& row, const std::string& unit) {
  std::string text;
  const auto add = [&](bool has, const char* sign, double bound) {
    if (has) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", sign, bound);
  };
  add(gate.has_min(), ">=", gate.min());
  add(gate.has_max(), "<=", gate.max());
  add(gate.has_equals(), "=", gate.equals());
  if (gate.has_margin_pp()) {
    text += fmt::format("{}lower 95 % bound >= {}", text.empty() ? "" : ", ", -gate.margin_pp());
  }
  const std::string shown = shown_unit(row, unit);
  return shown.empty() ? text : text + " " + shown;
}

std::string observed_text(const Figure& figure, const MetricRow& row) {
  std::string text = fmt::format("{:.{}f}", figure.value, row.digits);
  const std::string unit = shown_unit(row, figure.unit);
  if (!unit.empty()) text += " " + unit;
  if (figure.lo && figure.hi)
    text += fmt::format(" [{:.{}f}, {:.{}f}]", *figure.lo, row.digits, *figure.hi, row.digits);
  if (figure.n) text += fmt::format(", n {}", *figure.n);
  return text;
}

// Values that were shares or sums of floats: a bound is met when it is met to nine digits.
bool below(double value, double bound) { return value < bound - 1e-9 * std::max(1.0, std::abs(bound)); }

void decide(const config::Gate& gate, const Figure& figure, results::Gate& result) {
  const double value = figure.value;
  result.verdict = "fail";
  if (gate.has_equals() && (below(value, gate.equals()) || below(gate.equals(), value))) {
    result.reason = fmt::format("{} is not {}", result.observed, gate.equals());
  } else if (gate.has_min() && below(value, gate.min())) {
    result.reason = fmt::format("{} is below {}", result.observed, gate.min());
  } else if (gate.has_max() && below(gate.max(), value)) {
    result.reason = fmt::format("{} is above {}", result.observed, gate.max());
  } else if (gate.has_margin_pp() && below(value, -gate.margin_pp())) {
    result.reason = fmt::format("{} is a loss beyond the margin of {} pp", result.observed, gate.margin_pp());
  } else if (gate.has_margin_pp() && (!figure.lo || below(*figure.lo, -gate.margin_pp()))) {
    result.verdict = "inconclusive";
    result.reason = fmt::format("too few samples: {} does not exclude a loss beyond {} pp", result.observed,
                                gate.margin_pp());
  } else if (figure.validity == "degraded") {
    result.verdict = "inconclusive";
    result.reason = "the measurement is degraded";
  } else {
    result.verdict = "pass";
  }
}

results::Gate judge_gate(const config::Gate& gate, const Summary& summary, std::string where) {
  const MetricRow& row = *find_metric(gate.metric());
  const Observed observed = row.take(summary);
  results::Gate result{.metric = row.name, .where = std::move(where)};
  result.rule = rule_text(gate, row, observed.figure ? observed.figure->unit : "");
  if (!observed.figure) {
    result.verdict = "inconclusive";
    result.reason = observed.missing;
    return result;
  }
  result.observed = observed_text(*observed.figure, row);
  decide(gate, *observed.figure, result);
  return result;
}

void conclude(const Summary& summary, Judgement& judgement) {
  int64_t failed = 0, open = 0;
  const results::Gate* first = nullptr;  // the first that failed, else the first that is open
  for (const results::Gate& gate : judgement.gates) {
    const bool fails = gate.verdict == "fail";
    if (gate.verdict != "pass" && (!first || (fails && first->verdict != "fail"))) first = &gate;
    failed += fails;
    open += gate.verdict == "inconclusive";
  }
  const size_t total = judgement.gates.size();
  if (failed > 0) {
    judgement.verdict = "fail", judgement.exit_code = 1;
    judgement.sentence =
        fmt::format("{} of {} gates failed: {}: {}.", failed, total, first->metric, first->reason);
  } else if (open > 0) {
    judgement.verdict = "inconclusive", judgement.exit_code = 5;
    judgement.sentence =
        fmt::format("{} of {} gates are open: {}: {}.", open, total, first->metric, first->reason);
  } else if (summary.samples_done == 0) {
    judgement.verdict = "inconclusive", judgement.exit_code = 5;
    judgement.sentence = "Nothing was measured.";
  } else {
    judgement.verdict = "pass", judgement.exit_code = 0;
    judgement.sentence =
        total ? (total == 1 ? "The gate passes." : fmt::format("All {} gates pass.", total))
              : fmt::format("{} samples measured; the profile has no gates.", summary.samples_done);
  }
}

}  // namespace

std::vector<std::string> gate_metrics() {
  std::vector<std::string> names;
  for (const MetricRow& row : kMetrics) names.emplace_back(row.name);
  return names;
}

Status check_gates(const config::Profile& profile, const std::map<std::string, std::string>& places) {
  for (int i = 0; i < profile.gate_size(); ++i)
    ASSAY_CHECK(check_gate(profile.gate(i), place_of(places, i, "metric")));
  return {};
}

Result<Judgement> judge(const config::Profile& profile, const std::map<std::string, std::string>& places,
                        const Summary& summary) {
  ASSAY_CHECK(check_gates(profile, places));
  Judgement judgement;
  for (int i = 0; i < profile.gate_size(); ++i) {
    judgement.gates.push_back(judge_gate(profile.gate(i), summary, place_of(places, i, "metric")));
  }
  conclude(summary, judgement);
  return judgement;
}

}  // namespace assay::metric
