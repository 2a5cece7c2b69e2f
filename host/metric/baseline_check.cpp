#include "metric/baseline_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "base/error_codes.h"
#include "config/profile.pb.h"

namespace assay::metric {
namespace {

using results::Area;
using results::ComparedClass;
using results::ComparedFigure;
using results::Comparison;
using results::Gate;
namespace word = results::word;

// A baseline of another subject proves nothing.
struct Obstacle {
  const char* compared;  // code of the comparison
  const char* code;
};
constexpr Obstacle kObstacles[] = {
    {"compare.other_profile", "baseline.other_profile"}, {"compare.other_model", "baseline.other_model"},
    {"compare.other_dataset", "baseline.other_dataset"}, {"compare.other_samples", "baseline.other_samples"},
    {"compare.other_board", "baseline.other_board"},     {"compare.other_mode", "baseline.other_mode"},
    {"compare.other_clock", "baseline.other_clock"},     {"compare.other_engine", "baseline.other_engine"},
};

bool carries(const ComparedFigure& row, const char* code) {
  return std::find(row.codes.begin(), row.codes.end(), code) != row.codes.end();
}

// Not held: times of a process, and what no baseline knew of.
bool is_held(const ComparedFigure& row) {
  return row.held && !carries(row, "compare.host_clock") && row.before &&
         !(row.area == Area::kLatency && row.before->kind == "host");
}

std::string number(double value, const std::string& unit) {
  if (unit == "1") return fmt::format("{:.2f} %", value * 100);
  return fmt::format("{:.10g}{}{}", value, unit.empty() ? "" : " ", unit);
}

std::string change_of(const ComparedFigure& row) {
  const auto side = [&](const std::optional<results::Figure>& figure) {
    return figure ? number(figure->value, figure->unit) : std::string("absent");
  };
  return fmt::format("{} {} > {}", row.name, side(row.before), side(row.now));
}

std::string change_of(const ComparedClass& row) {
  std::string text = fmt::format("class {} {} > {} of {} right", row.name, row.before, row.now, row.support);
  if (row.broken) text += fmt::format(" ({} broken, {} fixed)", *row.broken, *row.fixed);
  return text;
}

struct Held {
  std::string change, word;
};

std::vector<Held> held_in(const Comparison& comparison, Area area) {
  std::vector<Held> rows;
  // Classes first: which one lost says more than the sum.
  if (area == Area::kAccuracy)
    for (const auto& row : comparison.classes) rows.push_back({change_of(row), row.word});
  for (const auto& row : comparison.figures)
    if (row.area == area && is_held(row)) rows.push_back({change_of(row), row.word});
  return rows;
}

std::string listed(const std::vector<Held>& rows, std::initializer_list<const char*> words) {
  std::vector<std::string> changes;
  for (const Held& row : rows)
    if (std::find(words.begin(), words.end(), row.word) != words.end()) changes.push_back(row.change);
  return fmt::format("{}", fmt::join(changes, "; "));
}

std::optional<Gate> gate_of(const Comparison& comparison, Area area, const std::string& file) {
  const std::vector<Held> rows = held_in(comparison, area);
  if (rows.empty()) return std::nullopt;
  Gate gate{.metric = fmt::format("baseline.{}", results::area_name(area)),
            .rule = "not worse than the baseline",
            .where = file};
  const std::string worse = listed(rows, {word::kWorse}),
                    silent = listed(rows, {word::kNoEvidence, word::kNotComparable});
  const std::string other = listed(rows, {word::kBetter, word::kChanged});
  if (!worse.empty()) {
    gate.verdict = "fail", gate.observed = worse, gate.reason = "worse than the baseline";
  } else if (!silent.empty()) {
    gate.verdict = "inconclusive", gate.observed = silent, gate.reason = "nothing can be said about these";
  } else {
    gate.verdict = "pass";
    gate.observed = !other.empty() ? other : fmt::format("{} figures as in the baseline", rows.size());
  }
  return gate;
}

results::SinceBaseline since_of(const Comparison& comparison, const results::Baseline& baseline,
                                const std::string& file) {
  results::SinceBaseline since{
      .file = file, .run_id = baseline.run_id, .git_commit = baseline.git_commit, .word = comparison.word};
  for (const auto& change : comparison.subject)
    since.subject.push_back(fmt::format("{} {} > {}", change.what, change.before, change.now));
  for (const auto& row : comparison.figures) {
    if (!row.held) continue;
    const results::Figure& some = row.now ? *row.now : *row.before;
    results::BaselineRow out{.figure = row.name,
                             .word = row.word,
                             .unit = some.unit,
                             .kind = some.kind,
                             .note = row.note,
                             .codes = row.codes};
    if (row.before) out.before = row.before->value;
    if (row.now) out.now = row.now->value;
    since.rows.push_back(std::move(out));
  }
  for (const auto& row : comparison.classes) {
    results::BaselineRow out{
        .figure = "class " + row.name, .word = row.word, .unit = "1", .codes = row.codes};
    if (row.support > 0) {
      out.before = static_cast<double>(row.before) / static_cast<double>(row.support);
      out.now = static_cast<double>(row.now) / static_cast<double>(row.support);
    }
    if (row.broken && *row.broken + *row.fixed > 0)
      out.note = fmt::format("{} broken, {} fixed", *row.broken, *row.fixed);
    since.rows.push_back(std::move(out));
  }
  return since;
}

void refuse(const Comparison& comparison, const std::string& file, BaselineVerdict& out) {
  for (const auto& change : comparison.subject) {
    const auto* known =
        std::find_if(std::begin(kObstacles), std::end(kObstacles),
                     [&](const Obstacle& obstacle) { return change.code == obstacle.compared; });
    if (known == std::end(kObstacles)) continue;
    out.issues.push_back({known->code, "warning",
                          fmt::format("the baseline is of another {}: {}, the run is of {}", change.what,
                                      change.before, change.now)});
  }
  if (out.issues.empty()) return;
  for (auto& row : out.since.rows) row.word = word::kNotComparable;
  out.since.word = word::kNotComparable;
  out.since.sentence = fmt::format("Not compared: {}.", out.issues.front().message);
  out.gates = {{.metric = "baseline",
                .rule = "not worse than the baseline",
                .verdict = "inconclusive",
                .reason = out.issues.front().message,
                .where = file}};
  out.verdict = "inconclusive";
}

void judge_areas(const Comparison& comparison, const std::string& file, BaselineVerdict& out) {
  out.verdict = "pass";
  std::vector<std::string> worse, silent;
  for (const Area area : {Area::kAccuracy, Area::kAttribution, Area::kLatency, Area::kMemory, Area::kFlash}) {
    const auto gate = gate_of(comparison, area, file);
    if (!gate) continue;
    if (gate->verdict == "fail") worse.push_back(gate->observed);
    if (gate->verdict == "inconclusive") silent.push_back(gate->observed);
    out.gates.push_back(*gate);
  }
  std::vector<std::string> better;
  for (const auto& row : comparison.figures)
    if (row.held && row.word == word::kBetter && is_held(row)) better.push_back(change_of(row));
  for (const auto& row : comparison.classes)
    if (row.word == word::kBetter || row.word == word::kChanged) better.push_back(change_of(row));
  for (const auto& row : comparison.figures)
    if (row.held && !row.before) better.push_back(row.name + " is not in the baseline");
  if (!better.empty())
    out.issues.push_back(
        {"baseline.outdated", "note",
         fmt::format("take it over with `assay baseline update`: {}", fmt::join(better, "; "))});
  if (comparison.outputs_equal == false && comparison.word == word::kIdentical)
    out.issues.push_back(
        {"baseline.outdated", "note", "every answer is the same, but the outputs differ in some bits"});
  if (!worse.empty()) {
    out.verdict = "fail",
    out.since.sentence = fmt::format("Worse than the baseline: {}.", fmt::join(worse, "; "));
  } else if (!silent.empty()) {
    out.verdict = "inconclusive";
    out.since.sentence = fmt::format("The baseline cannot be held: {}.", fmt::join(silent, "; "));
  } else if (!better.empty()) {
    out.since.sentence = fmt::format("Not worse than the baseline; changed: {}.", fmt::join(better, "; "));
  } else {
    out.since.sentence = comparison.outputs_equal == true ? "As the baseline, to the last bit of the outputs."
                                                          : "As the baseline.";
  }
}

}  // namespace

BaselineVerdict check_baseline(const results::Baseline& baseline, const std::string& file, const Side& now,
                               const CompareOptions& options) {
  const Comparison comparison = compare(side_of_baseline(baseline, file), now, options);
  BaselineVerdict out;
  out.since = since_of(comparison, baseline, file);
  refuse(comparison, file, out);
  if (out.issues.empty()) judge_areas(comparison, file, out);
  return out;
}

BaselineVerdict no_baseline(const Error& error, const std::string& file) {
  const ErrorCode* known = find_error_code(error.code);
  BaselineVerdict out{.verdict = "inconclusive"};
  out.since = {.file = file, .word = word::kNoEvidence, .sentence = "Not compared: " + error.message + "."};
  out.issues.push_back(
      {error.code, "warning", fmt::format("{}. {}", error.text(), known ? known->remedy : "")});
  out.gates = {{.metric = "baseline",
                .rule = "not worse than the baseline",
                .verdict = "inconclusive",
                .reason = error.message,
                .where = file}};
  return out;
}

void hold(const BaselineVerdict& held, results::Summary& summary) {
  summary.baseline = held.since;
  summary.gates.insert(summary.gates.end(), held.gates.begin(), held.gates.end());
  summary.issues.insert(summary.issues.end(), held.issues.begin(), held.issues.end());
  const auto total = summary.gates.size();
  if (held.verdict == "fail" && summary.verdict != "fail") {
    summary.verdict = "fail", summary.exit_code = static_cast<int>(Exit::kGateFailed);
    summary.sentence = held.since.sentence;
  } else if (held.verdict == "inconclusive" && summary.verdict == "pass") {
    summary.verdict = "inconclusive", summary.exit_code = static_cast<int>(Exit::kInconclusive);
    summary.sentence = held.since.sentence;
  } else if (summary.verdict == "pass") {
    summary.sentence = fmt::format("All {} gates pass. {}", total, held.since.sentence);
  }
}

CompareOptions compare_options(const config::Profile& profile) {
  CompareOptions options;
  const config::BaselineRules& rules = profile.baseline();
  if (rules.has_margin_pp()) options.margin_pp = rules.margin_pp();
  if (rules.has_relative()) options.relative = rules.relative();
  for (const auto& one : rules.tolerance()) {
    const double relative = one.has_relative() ? one.relative() : one.has_absolute() ? 0 : options.relative;
    options.tolerances.push_back({one.figure(), relative, one.absolute()});
  }
  return options;
}

}  // namespace assay::metric
