#include "metric/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metric/anomaly_scores.h"
#include "metric/attribution.h"
#include "metric/input_channels.h"
#include "metric/row_values.h"
#include "metric/statistics.h"
#include "metric/task.h"
#include "metric/tensor_pairs.h"

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
  const bool classes = o.task.kind.empty() || o.task.kind == "classification";
  for (size_t i = 0; classes && i < o.labels.size(); ++i) {
    if (o.labels[i] < 0 || o.labels[i] >= o.device->info.elements()) {
      return fail("metric.bad_observations",
                  fmt::format("label {} of sample {} is none of the model's {} classes", o.labels[i], i,
                              o.device->info.elements()));
    }
  }
  return {};
}

// Without decisions every sample has the answer -1: sides agree, and nobody is right.
Decisions no_decisions(const TensorRows& outputs) {
  return {std::vector<int>(outputs.rows(), -1), std::vector<double>(outputs.rows(), 0), 0};
}

SideDecisions decide_sides(const Observations& o, const TaskKind& kind, bool& decided) {
  SideDecisions sides;
  const auto decide = [&](const TensorRows& outputs) {
    auto decisions = kind.decide ? kind.decide(o, outputs) : std::nullopt;
    decided = decided && decisions;
    return decisions ? std::move(*decisions) : no_decisions(outputs);
  };
  decided = true;
  if (o.r0) sides.r0 = decide(*o.r0);
  for (const DesktopRun& run : o.r1) sides.r1.push_back(decide(*run.outputs));
  if (o.r2) sides.r2 = decide(*o.r2);
  sides.device = decide(*o.device);
  return sides;
}

// What the decisions are compared with: the classes of the task. Anomaly has two of its own.
Observations decided_observations(const Observations& o, const TaskKind& kind, bool decided) {
  Observations seen = o;
  if (!decided) seen.labels.clear();
  if (kind.name == "anomaly") {
    seen.labels = anomaly_labels(seen.labels);
    seen.classes = {"normal", "anomaly"};
  } else {
    const auto count = static_cast<size_t>(o.device->info.elements());
    for (size_t c = seen.classes.size(); c < count; ++c) seen.classes.push_back(std::to_string(c));
    seen.classes.resize(count);
  }
  return seen;
}

Baseline baseline_of(const SideDecisions& sides) {
  if (sides.r0) return {&*sides.r0, "R0"};
  if (!sides.r1.empty()) return {&sides.r1[0], "R1"};
  if (sides.r2) return {&*sides.r2, "R2"};
  return {};
}

void compare_with(const Observations& o, const Baseline& baseline, const SideDecisions& sides,
                  results::Accuracy& accuracy) {
  const auto n = static_cast<int64_t>(o.labels.size());
  const FlipCounts flips = count_flips(o.labels, baseline.decisions->top, sides.device.top);
  accuracy.broken = flips.broken;
  accuracy.fixed = flips.fixed;
  accuracy.both_wrong = flips.both_wrong;
  const Interval interval = delta_interval(flips.broken, flips.fixed, n, o.seed);
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
  if (sides.r0) accuracy.ties["r0"] = sides.r0->ties;
  for (size_t i = 0; i < sides.r1.size(); ++i) accuracy.ties[o.r1[i].id] = sides.r1[i].ties;
  if (sides.r2) accuracy.ties["r2"] = sides.r2->ties;
  accuracy.ties["device"] = sides.device.ties;
  const int classes = static_cast<int>(o.classes.size());
  const auto& against = baseline.decisions ? *baseline.decisions : sides.device;
  accuracy.classes = class_rows(o.labels, against.top, sides.device.top, o.classes, o.seed);
  if (baseline.decisions) {
    const int worst = worst_class(accuracy.classes);
    if (worst >= 0) accuracy.worst_class = worst;
    compare_with(o, baseline, sides, accuracy);
    accuracy.confusion.push_back({baseline.level, confusion(o.labels, baseline.decisions->top, classes)});
  } else {
    for (results::ClassRow& row : accuracy.classes) {  // compared with nothing
      row.recall_reference.reset(), row.delta.reset(), row.p_holm.reset();
      row.delta_lo.reset(), row.delta_hi.reset(), row.precision_reference.reset();
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
  RowValues values(tensor);
  for (size_t i = 0; i < tensor.rows(); ++i) {
    for (double value : values(i)) count += !std::isfinite(value);
  }
  return count;
}

TaskInput task_input(const Observations& o, const SideDecisions& sides) {
  TaskInput input{.observed = o};
  const auto add = [&](const char* level, const TensorRows* outputs, const Decisions* decisions) {
    input.sides.push_back({level, outputs, level[0] == 'D' ? o.device_kind : "host", decisions});
  };
  if (sides.r0) add("R0", o.r0, &*sides.r0);
  if (!sides.r1.empty()) add("R1", o.r1[0].outputs, &sides.r1[0]);
  if (sides.r2) add("R2", o.r2, &*sides.r2);
  input.baseline = input.sides.empty() ? -1 : 0;  // R0, else R1, else R2
  add("D", o.device, &sides.device);
  return input;
}

Status measure_task(const Observations& o, const TaskKind& kind, const SideDecisions& sides,
                    const Baseline& baseline, Evaluation& evaluation) {
  ASSAY_TRY(TaskOutcome outcome, kind.measure(task_input(o, sides)));
  evaluation.issues.insert(evaluation.issues.end(), outcome.issues.begin(), outcome.issues.end());
  outcome.task.kind = kind.name;
  outcome.task.baseline_level = baseline.level;
  if (!outcome.task.figures.empty()) evaluation.task = std::move(outcome.task);
  return {};
}

Status slice(const Observations& o, const SideDecisions& sides, const Baseline& baseline,
             Evaluation& evaluation) {
  if (o.slice_columns.empty() && o.named_slices.empty()) return {};
  std::vector<std::string> left_out;
  ASSAY_TRY(evaluation.slices, slice_rows({.labels = o.labels,
                                           .reference = baseline.decisions->top,
                                           .device = sides.device.top,
                                           .columns = o.slice_columns,
                                           .named = o.named_slices,
                                           .seed = o.seed},
                                          &left_out));
  for (const std::string& column : left_out) {
    evaluation.issues.push_back(
        {"metric.slice_left_out", "note",
         fmt::format("column {} has more than {} values: it is no slice", column, kMostSlices)});
  }
  return {};
}

// Counts of answers mean nothing where no answers were given.
void drop_answers(results::Attribution& a) {
  a.compression_flips.reset(), a.rounding_flips.reset(), a.port_flips.reset(), a.envelope_flips.reset();
  if (a.owner == "none") a.owner = "unknown";
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
  } else if (o.labels.empty() && evaluation.agreement) {
    add("metric.no_labels", "note",
        fmt::format("the dataset has no labels; the device agrees with {} on {:.1f} % of {} samples",
                    baseline.level, *evaluation.agreement * 100, o.device->rows()));
  }
  for (results::Issue& finding : nonfinite_findings(evaluation.tensors)) {
    evaluation.issues.push_back(std::move(finding));
  }
  for (const results::TensorPair& pair : evaluation.tensors) {
    const bool port = pair.a == "R2" && pair.b == "D" && pair.nonfinite_disagreements > 0;
    if (port && evaluation.attribution) evaluation.attribution->owner = "port";
  }
  if (!o.inputs_real && o.inputs_quantised) {
    add("metric.quantised_dataset", "note",
        "the dataset is stored quantised: the loss of input quantisation is not in the figures");
  }
}

}  // namespace

Result<Evaluation> evaluate(const Observations& observed) {
  ASSAY_CHECK(check(observed));
  ASSAY_TRY(const TaskKind* kind, task_kind(observed));
  bool decided = false;
  const SideDecisions sides = decide_sides(observed, *kind, decided);
  const Observations o = decided_observations(observed, *kind, decided);
  const Baseline baseline = baseline_of(sides);
  Evaluation evaluation;
  ASSAY_CHECK(measure_task(observed, *kind, sides, baseline, evaluation));
  if (!o.labels.empty()) evaluation.accuracy = accuracy_of(o, sides, baseline);
  ASSAY_TRY(evaluation.tensors, tensor_pairs(observed));
  if (baseline.decisions) {
    ASSAY_TRY(auto detail, attribute(o, sides));
    if (decided) {
      evaluation.agreement = agreement(baseline.decisions->top, sides.device.top);
      evaluation.flips = list_flips(o, sides, baseline, detail.runtimes_disagree);
    } else {
      drop_answers(detail.figures);
    }
    if (!o.labels.empty()) ASSAY_CHECK(slice(o, sides, baseline, evaluation));
    evaluation.attribution = std::move(detail.figures);
  }
  if (o.inputs_quantised) {
    ASSAY_TRY(evaluation.input_channels, input_channels(o.inputs_real, *o.inputs_quantised, o.channels));
  }
  note_issues(o, sides, baseline, evaluation);
  return evaluation;
}

}  // namespace assay::metric
