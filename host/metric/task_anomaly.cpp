// Anomaly detection: areas under the ROC curve of the scores, and with a threshold the answers that flip.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "metric/anomaly_scores.h"
#include "metric/resampling.h"
#include "metric/roc.h"
#include "metric/task.h"

namespace assay::metric {
namespace {

// What the curves are drawn over: samples, or the mean scores of groups of them (recordings).
struct Units {
  std::vector<uint8_t> anomalous;
  std::vector<size_t> group;  // of each sample: index of its unit
  const char* counts = "samples";
};

Result<Units> units_of(const Observations& o) {
  Units units;
  const auto column = std::find_if(o.slice_columns.begin(), o.slice_columns.end(),
                                   [&](const SliceColumn& c) { return c.name == o.task.group; });
  std::map<std::string, size_t> known;
  if (o.task.group.empty()) {
    for (size_t i = 0; i < o.labels.size(); ++i) units.group.push_back(i);
    for (int label : o.labels) units.anomalous.push_back(label != 0);
    return units;
  }
  if (column == o.slice_columns.end() || column->values.size() != o.labels.size()) {
    return fail("metric.bad_task",
                fmt::format("group = \"{}\" is no slice column of the dataset", o.task.group));
  }
  units.counts = "groups";
  for (size_t i = 0; i < o.labels.size(); ++i) {
    const uint8_t anomalous = o.labels[i] != 0;
    const auto [at, fresh] = known.try_emplace(column->values[i], units.anomalous.size());
    if (fresh) units.anomalous.push_back(anomalous);
    if (units.anomalous[at->second] != anomalous) {
      return fail("metric.bad_task",
                  fmt::format("group {} = {} holds normal and anomalous samples: it has no "
                              "label of its own",
                              o.task.group, column->values[i]));
    }
    units.group.push_back(at->second);
  }
  return units;
}

std::vector<double> unit_scores(const Units& units, const std::vector<double>& scores) {
  std::vector<double> sums(units.anomalous.size(), 0), members(sums);
  for (size_t i = 0; i < scores.size(); ++i) sums[units.group[i]] += scores[i], ++members[units.group[i]];
  for (size_t u = 0; u < sums.size(); ++u) sums[u] /= members[u];
  return sums;
}

using Area = std::optional<double> (*)(const RocOrder&, double max_fpr, std::span<const uint32_t>);
struct AreaRow {
  const char* name;
  Area area;
};
constexpr AreaRow kAreas[] = {
    {"auc",
     [](const RocOrder& order, double, std::span<const uint32_t> counts) { return order.auc(counts); }},
    {"pauc", [](const RocOrder& order, double max_fpr,
                std::span<const uint32_t> counts) { return order.partial_auc(max_fpr, counts); }},
};

// Within each class, so that every resample has both.
std::optional<Interval> delta_interval_of(const AreaRow& row, const RocOrder& reference,
                                          const RocOrder& device, const Units& units, double max_fpr,
                                          uint64_t seed) {
  std::vector<std::vector<uint32_t>> strata(2);
  for (size_t u = 0; u < units.anomalous.size(); ++u) {
    strata[units.anomalous[u]].push_back(static_cast<uint32_t>(u));
  }
  if (strata[0].size() < 2 || strata[1].size() < 2) return std::nullopt;
  Resampler resampler(units.anomalous.size(), seed);
  std::vector<double> deltas;
  for (int64_t r = resamples_for(3 * static_cast<int64_t>(units.anomalous.size())); r > 0; --r) {
    const auto counts = resampler.draw(strata);
    deltas.push_back(*row.area(device, max_fpr, counts) - *row.area(reference, max_fpr, counts));
  }
  return percentile_interval(std::move(deltas));
}

Status add_areas(const TaskInput& input, const Units& units, TaskOutcome& outcome) {
  const Observations& o = input.observed;
  std::vector<std::optional<RocOrder>> orders;
  for (const TaskSide& side : input.sides) {
    ASSAY_TRY(const std::vector<double> scores, anomaly_scores(o, *side.outputs));
    const auto bad = std::count_if(scores.begin(), scores.end(), [](double s) { return !std::isfinite(s); });
    if (bad > 0) {
      outcome.issues.push_back(
          {"metric.nonfinite", "error",
           fmt::format("{} anomaly scores of {} are NaN or infinite: it has no AUC", bad, side.level)});
      orders.emplace_back();
    } else {
      orders.emplace_back(RocOrder(unit_scores(units, scores), units.anomalous));
    }
  }
  for (const AreaRow& row : kAreas) {
    results::TaskFigure figure{.name = row.name, .better = "higher", .counts = units.counts};
    for (size_t s = 0; s < orders.size(); ++s) {
      if (!orders[s]) continue;
      const auto area = row.area(*orders[s], o.task.max_fpr, {});
      if (!area) continue;
      figure_of(figure, input.sides[s].level) =
          results::Figure{.value = *area,
                          .unit = "1",
                          .kind = input.sides[s].kind,
                          .n = static_cast<int64_t>(units.anomalous.size())};
    }
    std::optional<Interval> interval;
    if (input.baseline >= 0) {
      const auto& reference = orders[static_cast<size_t>(input.baseline)];
      if (reference && orders.back()) {
        interval = delta_interval_of(row, *reference, *orders.back(), units, o.task.max_fpr, o.seed);
      }
    }
    set_delta(input, figure, interval ? std::optional(interval->lo) : std::nullopt,
              interval ? std::optional(interval->hi) : std::nullopt);
    outcome.task.figures.push_back(std::move(figure));
  }
  return {};
}

void add_flips(const TaskInput& input, TaskOutcome& outcome) {
  results::TaskFigure flips{.name = "threshold_flips", .better = "lower", .counts = "samples"};
  if (input.baseline < 0 || !input.device().decisions) return;
  const Decisions& reference = *input.sides[static_cast<size_t>(input.baseline)].decisions;
  for (size_t s = 0; s < input.sides.size(); ++s) {
    if (static_cast<int>(s) == input.baseline) continue;
    const std::vector<int>& top = input.sides[s].decisions->top;
    const auto n = static_cast<int64_t>(top.size());
    figure_of(flips, input.sides[s].level) =
        results::Figure{.value = static_cast<double>(n - hits(reference.top, top)),
                        .unit = "flips",
                        .kind = input.sides[s].kind,
                        .n = n};
  }
  outcome.task.figures.push_back(std::move(flips));
}

}  // namespace

std::optional<Decisions> decide_anomalies(const Observations& o, const TensorRows& outputs) {
  if (!o.task.threshold) return std::nullopt;
  const auto scores = anomaly_scores(o, outputs);
  if (!scores) return std::nullopt;
  return decide_by_threshold(*scores, *o.task.threshold);
}

Result<TaskOutcome> measure_anomaly(const TaskInput& input) {
  TaskOutcome outcome;
  const Observations& o = input.observed;
  outcome.task.rule = o.task.score == "output"
                          ? fmt::format("score: output {}", o.task.element)
                          : fmt::format("score: mean squared error of output against {} input",
                                        o.inputs_real ? "the real" : "the quantised");
  if (o.task.threshold) outcome.task.rule += fmt::format("; anomaly above {}", *o.task.threshold);
  if (!o.task.group.empty()) outcome.task.rule += fmt::format("; AUC of the means of each {}", o.task.group);
  outcome.task.rule += fmt::format("; pAUC up to a false-positive rate of {}", o.task.max_fpr);
  const auto scores = anomaly_scores(o, *o.device);
  if (!scores) return fail(scores.error());
  if (o.labels.empty()) {
    outcome.issues.push_back({"metric.no_labels", "note", "anomaly scores without labels have no AUC"});
  } else {
    ASSAY_TRY(const Units units, units_of(o));
    const auto anomalies = std::count(units.anomalous.begin(), units.anomalous.end(), 1);
    const auto all = static_cast<std::ptrdiff_t>(units.anomalous.size());
    if (anomalies == 0 || anomalies == all) {
      outcome.issues.push_back({"metric.insufficient", "warning",
                                fmt::format("AUC needs normal and anomalous {}: all {} are {}", units.counts,
                                            all, anomalies == 0 ? "normal" : "anomalous")});
    }
    ASSAY_CHECK(add_areas(input, units, outcome));
  }
  add_flips(input, outcome);
  return outcome;
}

}  // namespace assay::metric
