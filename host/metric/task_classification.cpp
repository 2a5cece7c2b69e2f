// Classification beyond top-1, which results::Accuracy holds: top-k, balanced accuracy, agreement of sets.
#include <fmt/format.h>

#include <algorithm>

#include "metric/statistics.h"
#include "metric/task.h"
#include "metric/top_k.h"

namespace assay::metric {
namespace {

int64_t k_of(const TaskSetup& setup, int64_t classes) {
  return setup.top_k > 0 ? setup.top_k : std::min<int64_t>(5, classes / 2);
}

int64_t classes_with_support(const std::vector<int>& labels, int classes) {
  std::vector<uint8_t> seen(static_cast<size_t>(classes), 0);
  for (int label : labels) seen[static_cast<size_t>(label)] = 1;
  return std::count(seen.begin(), seen.end(), 1);
}

void add_top_k(const TaskInput& input, int64_t k, results::Task& task) {
  const std::vector<int>& labels = input.observed.labels;
  std::vector<TopK> tops;
  for (const TaskSide& side : input.sides) tops.push_back(top_k(*side.outputs, k));
  const auto n = static_cast<int64_t>(labels.size());
  const auto hit = [&](const TopK& top, size_t i) {
    const auto row = top.row(i);
    return std::find(row.begin(), row.end(), labels[i]) != row.end();
  };
  results::TaskFigure accuracy{.name = fmt::format("top{}", k), .better = "higher", .counts = "samples"};
  results::TaskFigure sets{
      .name = fmt::format("top{}_set_agreement", k), .better = "higher", .counts = "samples"};
  for (size_t s = 0; s < tops.size(); ++s) {
    const int64_t hits = top_k_hits(labels, tops[s]);
    const Interval interval = wilson(hits, n);
    figure_of(accuracy, input.sides[s].level) =
        results::Figure{.value = static_cast<double>(hits) / static_cast<double>(n),
                        .unit = "1",
                        .kind = input.sides[s].kind,
                        .n = n,
                        .lo = interval.lo,
                        .hi = interval.hi};
    if (input.baseline < 0 || static_cast<int>(s) == input.baseline) continue;
    figure_of(sets, input.sides[s].level) =
        results::Figure{.value = set_agreement(tops[static_cast<size_t>(input.baseline)], tops[s]),
                        .unit = "1",
                        .kind = input.sides[s].kind,
                        .n = n};
  }
  if (input.baseline >= 0) {
    int64_t broken = 0, fixed = 0;
    const TopK &reference = tops[static_cast<size_t>(input.baseline)], &device = tops.back();
    for (size_t i = 0; i < labels.size(); ++i) {
      const bool before = hit(reference, i), after = hit(device, i);
      broken += before && !after;
      fixed += after && !before;
    }
    const Interval interval = delta_interval(broken, fixed, n, input.observed.seed);
    set_delta(input, accuracy, interval.lo, interval.hi);
  }
  task.figures.push_back(std::move(accuracy));
  if (input.baseline >= 0) task.figures.push_back(std::move(sets));
}

}  // namespace

std::optional<Decisions> decide_classes(const Observations&, const TensorRows& outputs) {
  return decide_rows(outputs);
}

Result<TaskOutcome> measure_classification(const TaskInput& input) {
  TaskOutcome outcome;
  const Observations& o = input.observed;
  if (o.labels.empty()) return outcome;
  const auto classes = static_cast<int>(o.device->info.elements());
  results::TaskFigure balanced{.name = "balanced_accuracy", .better = "higher", .counts = "classes"};
  for (const TaskSide& side : input.sides) {
    figure_of(balanced, side.level) =
        results::Figure{.value = balanced_accuracy(o.labels, side.decisions->top, classes),
                        .unit = "1",
                        .kind = side.kind,
                        .n = classes_with_support(o.labels, classes)};
  }
  set_delta(input, balanced);
  outcome.task.figures.push_back(std::move(balanced));
  const int64_t k = k_of(o.task, classes);
  if (k >= 2 && k < classes) add_top_k(input, k, outcome.task);
  const int64_t present = classes_with_support(o.labels, classes);
  if (present < 2) {
    outcome.issues.push_back(
        {"metric.insufficient", "warning",
         fmt::format("all {} samples are of one class: accuracy says nothing about the other {}",
                     o.labels.size(), classes - 1)});
  }
  return outcome;
}

}  // namespace assay::metric
