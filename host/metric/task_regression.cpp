// Regression: errors against targets in the physical unit of the profile, and what the device adds to them.
#include <fmt/format.h>

#include <cmath>

#include "metric/error_sums.h"
#include "metric/resampling.h"
#include "metric/row_values.h"
#include "metric/task.h"

namespace assay::metric {
namespace {

// One side against the targets.
struct SideErrors {
  ErrorFigures figures;
  std::vector<double> abs_e, e2;  // sums of each sample
  int64_t nonfinite = 0;          // samples; then there are no figures
};

SideErrors errors_of(const Observations& o, const TensorRows& outputs) {
  SideErrors errors;
  ErrorSums pooled;
  RowValues values(outputs);
  const auto width = static_cast<size_t>(outputs.info.elements());
  std::vector<double> physical(width);
  for (size_t i = 0; i < outputs.rows(); ++i) {
    const auto row = values(i);
    bool finite = true;
    for (size_t j = 0; j < width; ++j) {
      physical[j] = row[j] * o.task.unit_scale + o.task.unit_offset;
      finite = finite && std::isfinite(physical[j]);
    }
    errors.nonfinite += !finite;
    if (!finite) continue;
    const ErrorSums sums = sums_of(std::span(o.task.targets).subspan(i * width, width), physical);
    add(sums, pooled);
    errors.abs_e.push_back(sums.abs_e), errors.e2.push_back(sums.e2);
  }
  if (errors.nonfinite == 0) errors.figures = figures_of(pooled);
  return errors;
}

struct Intervals {
  std::optional<Interval> mae, rmse;
};
// Of device - reference under resampling of whole samples.
Intervals delta_intervals(const SideErrors& reference, const SideErrors& device, size_t width,
                          uint64_t seed) {
  const size_t n = device.abs_e.size();
  Intervals intervals;
  if (n < 2 || reference.nonfinite + device.nonfinite > 0) return intervals;
  const double elements = static_cast<double>(n * width);
  Resampler resampler(n, seed);
  std::vector<double> mae, rmse;
  for (int64_t r = resamples_for(static_cast<int64_t>(n)); r > 0; --r) {
    const auto counts = resampler.draw();
    double abs_a = 0, abs_b = 0, e2_a = 0, e2_b = 0;
    for (size_t i = 0; i < n; ++i) {
      const double count = counts[i];
      abs_a += count * reference.abs_e[i], abs_b += count * device.abs_e[i];
      e2_a += count * reference.e2[i], e2_b += count * device.e2[i];
    }
    mae.push_back((abs_b - abs_a) / elements);
    rmse.push_back(std::sqrt(e2_b / elements) - std::sqrt(e2_a / elements));
  }
  intervals.mae = percentile_interval(std::move(mae)), intervals.rmse = percentile_interval(std::move(rmse));
  return intervals;
}

struct FigureRow {
  const char *name, *better;
  std::optional<double> ErrorFigures::*value;
  bool share;  // has no unit
};
constexpr FigureRow kFigures[] = {
    {"mae", "lower", &ErrorFigures::mae, false},   {"rmse", "lower", &ErrorFigures::rmse, false},
    {"bias", "lower", &ErrorFigures::bias, false}, {"max_abs", "lower", &ErrorFigures::max_abs, false},
    {"r2", "higher", &ErrorFigures::nse, true},
};

void note_gaps(const TaskInput& input, const std::vector<SideErrors>& errors, TaskOutcome& outcome) {
  for (size_t s = 0; s < errors.size(); ++s) {
    if (errors[s].nonfinite > 0) {
      outcome.issues.push_back({"metric.nonfinite", "error",
                                fmt::format("{} outputs of {} are NaN or infinite: it has no regression "
                                            "figures",
                                            errors[s].nonfinite, input.sides[s].level)});
    } else if (!errors[s].figures.nse && s + 1 == errors.size()) {
      outcome.issues.push_back({"metric.insufficient", "note",
                                "all targets are equal: r2 divides by their variance and has no value"});
    }
  }
  if (input.observed.device->rows() < 2) {
    outcome.issues.push_back(
        {"metric.insufficient", "warning", "one sample has no interval: deltas come without one"});
  }
}

}  // namespace

Result<TaskOutcome> measure_regression(const TaskInput& input) {
  TaskOutcome outcome;
  const Observations& o = input.observed;
  const auto width = static_cast<size_t>(o.device->info.elements());
  outcome.task.rule =
      fmt::format("errors in {} of {} output{} a sample", o.task.unit, width, width == 1 ? "" : "s");
  if (o.task.targets.empty()) {
    outcome.issues.push_back({"metric.no_labels", "note",
                              "regression has no targets ([task] truth): only the sides are compared"});
    return outcome;
  }
  if (o.task.targets.size() != o.device->rows() * width) {
    return fail("metric.bad_observations", fmt::format("{} targets for {} samples of {} outputs",
                                                       o.task.targets.size(), o.device->rows(), width));
  }
  std::vector<SideErrors> errors;
  for (const TaskSide& side : input.sides) errors.push_back(errors_of(o, *side.outputs));
  Intervals intervals;
  if (input.baseline >= 0) {
    intervals = delta_intervals(errors[static_cast<size_t>(input.baseline)], errors.back(), width, o.seed);
  }
  for (const FigureRow& row : kFigures) {
    results::TaskFigure figure{.name = row.name, .better = row.better, .counts = "output values"};
    for (size_t s = 0; s < errors.size(); ++s) {
      const std::optional<double>& value = errors[s].figures.*row.value;
      if (!value) continue;
      figure_of(figure, input.sides[s].level) =
          results::Figure{.value = *value,
                          .unit = row.share ? "1" : o.task.unit,
                          .kind = input.sides[s].kind,
                          .n = static_cast<int64_t>(o.task.targets.size())};
    }
    const std::string_view name = row.name;
    const auto& interval = name == "mae" ? intervals.mae : name == "rmse" ? intervals.rmse : std::nullopt;
    set_delta(input, figure, interval ? std::optional(interval->lo) : std::nullopt,
              interval ? std::optional(interval->hi) : std::nullopt);
    outcome.task.figures.push_back(std::move(figure));
  }
  note_gaps(input, errors, outcome);
  return outcome;
}

}  // namespace assay::metric
