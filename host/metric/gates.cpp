#include "metric/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/nearest.h"
#include "config/profile.pb.h"
#include "metric/gate_metrics.h"

namespace assay::metric {
namespace {

using results::Figure;
using results::Summary;

std::string place_of(const std::map<std::string, std::string>& places, int index, const char* key) {
  const auto exact = places.find(fmt::format("gate[{}].{}", index, key));
  if (exact != places.end()) return exact->second;
  const auto table = places.find(fmt::format("gate[{}]", index));
  return table == places.end() ? "" : table->second;
}

Status check_bounds(const config::Gate& gate, const GateMetric& row, const std::string& where) {
  if (gate.has_margin_pp() && !row.has_margin) {
    return fail("config.value",
                fmt::format("margin_pp is for accuracy.delta and other paired differences, not for {}: write "
                            "min or max",
                            row.name),
                where);
  }
  if (gate.has_margin_pp() && !(gate.margin_pp() >= 0)) {
    return fail("config.value", "margin_pp is a loss that is allowed: a number >= 0", where);
  }
  if (row.has_alpha && (!gate.has_margin_pp() || gate.has_min() || gate.has_max() || gate.has_equals())) {
    return fail("config.value",
                fmt::format("{} takes margin_pp, the share of answers in percent that may turn wrong by "
                            "chance, and no other bound",
                            row.name),
                where);
  }
  if (gate.has_alpha() && !(row.has_alpha && gate.alpha() > 0 && gate.alpha() < 1)) {
    return fail("config.value", "alpha is a number in 0..1 for accuracy.class_flips", where);
  }
  if (!gate.has_min() && !gate.has_max() && !gate.has_equals() && !gate.has_margin_pp()) {
    return fail("config.value",
                fmt::format("the gate on {} has no bound: write min, max, equals or margin_pp", row.name),
                where);
  }
  return {};
}

Status check_gate(const config::Gate& gate, const std::string& where) {
  const GateMetric* row = find_gate_metric(gate.metric());
  if (!row) {
    const std::string near = config::nearest(gate.metric(), gate_metrics());
    return fail("config.value",
                fmt::format("gates know no metric '{}'{}", gate.metric(),
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
                where);
  }
  if (!gate.class_().empty() && !row->has_class) {
    return fail("config.value", fmt::format("{} is not a figure of one class", row->name), where);
  }
  if (!gate.slice().empty() && !row->has_slice) {
    return fail("config.value", fmt::format("{} is not a figure of one slice", row->name), where);
  }
  return check_bounds(gate, *row, where);
}

// The metric's own unit, the clock's, or the one that a declared tolerance changes it to.
std::string shown_unit(const GateMetric& row, const std::string& figure) {
  return row.unit[0] == 0 || figure.starts_with("outputs beyond") ? figure : row.unit;
}

std::string rule_text(const config::Gate& gate, const GateMetric& row, const std::string& unit) {
  std::string text;
  const auto add = [&](bool has, const char* sign, double bound) {
    if (has) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", sign, bound);
  };
  add(gate.has_min(), ">=", gate.min());
  add(gate.has_max(), "<=", gate.max());
  add(gate.has_equals(), "=", gate.equals());
  if (row.has_alpha) {
    return fmt::format("no class loses more than a noise of {} % explains, alpha {}", gate.margin_pp(),
                       gate.has_alpha() ? gate.alpha() : kDefaultAlpha);
  }
  if (gate.has_margin_pp()) {
    text += fmt::format("{}lower 95 % bound >= {}", text.empty() ? "" : ", ", -gate.margin_pp());
  }
  const std::string shown = shown_unit(row, unit);
  return shown.empty() || shown == "1" ? text : text + " " + shown;
}

std::string observed_text(const Figure& figure, const GateMetric& row, const std::string& subject) {
  std::string text =
      fmt::format("{}{}{:.{}f}", subject, subject.empty() ? "" : ": ", figure.value, row.digits);
  const std::string unit = shown_unit(row, figure.unit);
  if (!unit.empty() && unit != "1") text += " " + unit;
  if (figure.lo && figure.hi)
    text += fmt::format(" [{:.{}f}, {:.{}f}]", *figure.lo, row.digits, *figure.hi, row.digits);
  if (figure.n) text += fmt::format(", n {}", *figure.n);
  return text;
}

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

struct Judged {
  results::Gate gate;
  bool of_all = false;  // it compares what all samples lost together, not one class or slice
};

Judged judge_gate(const config::Gate& gate, const Summary& summary, std::string where) {
  const GateMetric& row = *find_gate_metric(gate.metric());
  const Observed observed = row.take(summary, gate);
  const bool of_loss = gate.metric().starts_with("accuracy.") || gate.metric().starts_with("attribution.");
  Judged judged{{.metric = row.name, .where = std::move(where)}, of_loss && observed.subject.empty()};
  results::Gate& result = judged.gate;
  result.rule = rule_text(gate, row, observed.figure ? observed.figure->unit : "");
  if (!observed.figure) {
    result.verdict = "inconclusive";
    result.reason = observed.missing;
    return judged;
  }
  result.observed =
      observed.text.empty() ? observed_text(*observed.figure, row, observed.subject) : observed.text;
  result.verdict = observed.verdict, result.reason = observed.reason;
  if (result.verdict.empty()) decide(gate, *observed.figure, result);
  return judged;
}

// Nobody owns what no side lost, or what cannot be told.
bool has_owner(const Summary& summary) {
  if (!summary.attribution || summary.attribution->sentence.empty()) return false;
  const std::string& owner = summary.attribution->owner;
  return owner == "compression" || owner == "rounding" || owner == "port";
}

// `loss_failed`: a rule about what all samples lost together did. Then who lost it says more than the rule; a
// rule about one class or slice names it, and says more than an owner.
void conclude(const Summary& summary, bool loss_failed, Judgement& judgement) {
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
        loss_failed && has_owner(summary)
            ? summary.attribution->sentence
            : fmt::format("{} of {} gates failed: {}: {}.", failed, total, first->metric, first->reason);
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
  for (const GateMetric& row : gate_metric_table()) names.emplace_back(row.name);
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
  bool loss_failed = false;
  for (int i = 0; i < profile.gate_size(); ++i) {
    Judged judged = judge_gate(profile.gate(i), summary, place_of(places, i, "metric"));
    loss_failed = loss_failed || (judged.of_all && judged.gate.verdict == "fail");
    judgement.gates.push_back(std::move(judged.gate));
  }
  conclude(summary, loss_failed, judgement);
  return judgement;
}

}  // namespace assay::metric
