#include "metric/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metric/attribution.h"
#include "metric/input_channels.h"
#include "metric/statistics.h"
#include "metric/tensor_compare.h"

namespace assay::metric {
namespace {

struct Baseline {
  const Decisions* decisions = nullptr;
  const char* level = "";
};

Status check_rows(const char* what, const TensorRows* rows, const TensorRows& device) {
  if (!rows) return {};
  if (rows->rows() != device.rows() || rows->info.elements() != device.info.elements()) {
    return fail("metric.bad_observations",
                fmt::format("{} has {} rows of {} outputs, the device {} rows of {}", what, rows->rows(),
                            rows->info.elements(), device.rows(), device.info.elements()));
  }
  return {};
}

Status check(const Observations& o) {
  if (!o.device || o.device->rows() == 0)
    return fail("metric.bad_observations", "there are no device outputs");
  ASSAY_CHECK(check_rows("R0", o.r0, *o.device));
  for (const DesktopRun& run : o.r1) {
    if (!run.outputs) return fail("metric.bad_observations", fmt::format("{} has no outputs", run.id));
    ASSAY_CHECK(check_rows(run.id.c_str(), run.outputs, *o.device));
  }
  ASSAY_CHECK(check_rows("R2", o.r2, *o.device));
  if (o.inputs_quantised && o.inputs_quantised->rows() != o.device->rows()) {
    return fail("metric.bad_observations",
                fmt::format("{} inputs for {} outputs", o.inputs_quantised->rows(), o.device->rows()));
  }
  if (!o.labels.empty() && o.labels.size() != o.device->rows()) {
    return fail("metric.bad_observations",
                fmt::format("{} labels for {} samples", o.labels.size(), o.device->rows()));
  }
  for (size_t i = 0; i < o.labels.size(); ++i) {
    if (o.labels[i] < 0 || o.labels[i] >= o.device->info.elements()) {
      return fail("metric.bad_observations",
                  fmt::format("label {} of sample {} is none of the model's {} classes", o.labels[i], i,
                              o.device->info.elements()));
    }
  }
  return {};
}

SideDecisions decide_sides(const Observations& o) {
  SideDecisions sides;
  if (o.r0) sides.r0 = decide_rows(*o.r0);
  for (const DesktopRun& run : o.r1) sides.r1.push_back(decide_rows(*run.outputs));
  if (o.r2) sides.r2 = decide_rows(*o.r2);
  sides.device = decide_rows(*o.device);
  return sides;
}

Baseline baseline_of(const SideDecisions& sides) {
  if (sides.r0) return {&*sides.r0, "R0"};
  if (!sides.r1.empty()) return {&sides.r1[0], "R1"};
  if (sides.r2) return {&*sides.r2, "R2"};
  return {};
}

std::vector<std::string> class_names(const Observations& o) {
  std::vector<std::string> names = o.classes;
  const auto count = static_cast<size_t>(o.device->info.elements());
  for (size_t c = names.size(); c < count; ++c) names.push_back(std::to_string(c));
  names.resize(count);
  return names;
}

void compare_with(const Observations& o, const Baseline& baseline, const SideDecisions& sides,
                  results::Accuracy& accuracy) {
  const auto n = static_cast<int64_t>(o.labels.size());
  const FlipCounts flips = count_flips(o.labels, baseline.decisions->top, sides.device.top);
  accuracy.broken = flips.broken;
  accuracy.fixed = flips.fixed;
  accuracy.both_wrong = flips.both_wrong;
  const Interval interval = flips.broken + flips.fixed == 0
                                ? Interval{-zero_event_bound(n), zero_event_bound(n)}
                                : paired_bootstrap(flips.broken, flips.fixed, n, o.seed);
  accuracy.delta =
      results::Figure{.value = static_cast<double>(flips.fixed - flips.broken) / static_cast<double>(n),
                      .unit = "1",
                      .kind = o.device_kind,
                      .n = n,
                      .lo = interval.lo,
                      .hi = interval.hi};
  accuracy.mcnemar_p = mcnemar_p(flips.broken, flips.fixed);
  accuracy.agreement = agreement(baseline.decisions->top, sides.device.top);
}

results::Accuracy accuracy_of(const Observations& o, const SideDecisions& sides, const Baseline& baseline) {
  results::Accuracy accuracy;
  if (sides.r0) accuracy.r0 = accuracy_figure(o.labels, sides.r0->top, "host");
  if (!sides.r1.empty()) accuracy.r1 = accuracy_figure(o.labels, sides.r1[0].top, "host");
  if (sides.r2) accuracy.r2 = accuracy_figure(o.labels, sides.r2->top, "host");
  accuracy.device = accuracy_figure(o.labels, sides.device.top, o.device_kind);
  accuracy.baseline_level = baseline.level;
  accuracy.argmax_ties = sides.device.ties;
  const auto names = class_names(o);
  const int classes = static_cast<int>(names.size());
  const auto& against = baseline.decisions ? *baseline.decisions : sides.device;
  accuracy.classes = class_rows(o.labels, against.top, sides.device.top, names);
  if (baseline.decisions) {
    const int worst = worst_class(accuracy.classes);
    if (worst >= 0) accuracy.worst_class = worst;
    compare_with(o, baseline, sides, accuracy);
    accuracy.confusion.push_back({baseline.level, confusion(o.labels, baseline.decisions->top, classes)});
  } else {
    for (results::ClassRow& row : accuracy.classes) {  // compared with nothing
      row.recall_reference.reset(), row.delta.reset(), row.p_holm.reset();
      row.reference_lo = row.reference_hi = 0;
    }
  }
  accuracy.confusion.push_back({"D", confusion(o.labels, sides.device.top, classes)});
  return accuracy;
}

std::vector<results::Flip> list_flips(const Observations& o, const SideDecisions& sides,
                                      const Baseline& baseline,
                                      const std::vector<uint8_t>& runtimes_disagree) {
  static constexpr const char* kKinds[] = {"", "broken", "fixed", "both wrong"};
  std::vector<results::Flip> flips;
  const Decisions& reference = *baseline.decisions;
  for (size_t i = 0; i < reference.top.size(); ++i) {
    if (reference.top[i] == sides.device.top[i]) continue;
    results::Flip flip;
    flip.sample = i < o.ids.size() ? o.ids[i] : std::to_string(i);
    flip.index = static_cast<int64_t>(i);
    flip.reference = reference.top[i];
    flip.device = sides.device.top[i];
    flip.kind = "changed";
    if (!o.labels.empty()) {
      flip.truth = o.labels[i];
      flip.kind = kKinds[static_cast<size_t>(flip_kind(flip.truth, flip.reference, flip.device))];
    }
    if (!sides.r1.empty()) flip.r1 = sides.r1[0].top[i];
    if (sides.r2) flip.r2 = sides.r2->top[i];
    flip.reference_margin = reference.margin[i];
    flip.device_margin = sides.device.margin[i];
    flip.envelope = runtimes_disagree[i];
    flips.push_back(std::move(flip));
  }
  std::stable_sort(flips.begin(), flips.end(), [](const results::Flip& a, const results::Flip& b) {
    return a.reference_margin > b.reference_margin;
  });
  return flips;
}

int64_t nonfinite_values(const TensorRows& tensor) {
  int64_t count = 0;
  for (size_t i = 0; i < tensor.rows(); ++i) {
    for (double value : real_values(tensor.info, tensor.row(i))) count += !std::isfinite(value);
  }
  return count;
}

void note_issues(const Observations& o, const SideDecisions& sides, const Baseline& baseline,
                 Evaluation& evaluation) {
  const auto add = [&](const char* code, const char* severity, std::string message) {
    evaluation.issues.push_back({code, severity, std::move(message)});
  };
  if (const int64_t count = nonfinite_values(*o.device); count > 0) {
    add("metric.nonfinite", "error",
        fmt::format("{} output values of the device are NaN or infinite", count));
  }
  if (sides.device.ties > 0) {
    add("metric.argmax_ties", "note",
        fmt::format("{} device outputs have a tie for the highest score: the lowest class counts",
                    sides.device.ties));
  }
  if (!baseline.decisions) {
    add("metric.no_reference", "warning", "no reference was run: no loss can be attributed");
  } else if (o.labels.empty()) {
    add("metric.no_labels", "note",
        fmt::format("the dataset has no labels; the device agrees with {} on {:.1f} % of {} samples",
                    baseline.level, *evaluation.agreement * 100, o.device->rows()));
  }
  if (!o.inputs_real && o.inputs_quantised) {
    add("metric.quantised_dataset", "note",
        "the dataset is stored quantised: the loss of input quantisation is not in the figures");
  }
}

}  // namespace

Result<Evaluation> evaluate(const Observations& o) {
  ASSAY_CHECK(check(o));
  const SideDecisions sides = decide_sides(o);
  const Baseline baseline = baseline_of(sides);
  Evaluation evaluation;
  if (!o.labels.empty()) evaluation.accuracy = accuracy_of(o, sides, baseline);
  if (baseline.decisions) {
    ASSAY_TRY(auto detail, attribute(o, sides));
    evaluation.agreement = agreement(baseline.decisions->top, sides.device.top);
    evaluation.flips = list_flips(o, sides, baseline, detail.runtimes_disagree);
    evaluation.attribution = std::move(detail.figures);
  }
  if (o.inputs_quantised) {
    ASSAY_TRY(evaluation.input_channels, input_channels(o.inputs_real, *o.inputs_quantised, o.channels));
  }
  note_issues(o, sides, baseline, evaluation);
  return evaluation;
}

}  // namespace assay::metric
