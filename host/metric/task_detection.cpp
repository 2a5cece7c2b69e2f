// Object detection: mean average precision against boxes of truth, and how many boxes of the reference the
// other sides give too.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "metric/boxes.h"
#include "metric/resampling.h"
#include "metric/task.h"

namespace assay::metric {
namespace {

constexpr int kThresholds = 10;  // 0.50, 0.55 ... 0.95
constexpr double threshold_at(int i) { return (50 + 5 * i) / 100.0; }

// All classes of one side at one threshold, in the order of `labels`.
std::vector<Matched> match_all(const std::vector<Box>& boxes, const std::vector<Box>& truth,
                               const std::vector<int>& labels, double least_overlap) {
  std::vector<Matched> all;
  for (int label : labels) all.push_back(match(boxes, truth, label, least_overlap));
  return all;
}

// Mean over the classes that have truth (in the resample); nullopt without any.
std::optional<double> mean_ap(const std::vector<Matched>& classes, std::span<const uint32_t> counts = {}) {
  double sum = 0;
  int present = 0;
  for (const Matched& matched : classes) {
    const auto ap = average_precision(matched, counts);
    if (ap) sum += *ap, ++present;
  }
  return present ? std::optional(sum / present) : std::nullopt;
}

struct Side {
  std::vector<Box> boxes;
  std::vector<std::vector<Matched>> at;  // [threshold][class]

  std::optional<double> map50(std::span<const uint32_t> counts = {}) const { return mean_ap(at[0], counts); }
  std::optional<double> map(std::span<const uint32_t> counts = {}) const {
    double sum = 0;
    for (const auto& classes : at) {
      const auto one = mean_ap(classes, counts);
      if (!one) return std::nullopt;
      sum += *one;
    }
    return sum / kThresholds;
  }
};

struct FigureRow {
  const char* name;
  std::optional<double> (Side::*value)(std::span<const uint32_t>) const;
  int passes;  // over the detections
};
constexpr FigureRow kFigures[] = {{"map50", &Side::map50, 1}, {"map", &Side::map, kThresholds}};

std::optional<Interval> delta_interval_of(const FigureRow& row, const Side& reference, const Side& device,
                                          size_t samples, uint64_t seed) {
  if (samples < 2) return std::nullopt;
  const auto steps = static_cast<int64_t>(samples + (reference.boxes.size() + device.boxes.size()) *
                                                        static_cast<size_t>(row.passes));
  Resampler resampler(samples, seed);
  std::vector<double> deltas;
  for (int64_t r = resamples_for(steps); r > 0; --r) {
    const auto counts = resampler.draw();
    const auto before = (reference.*row.value)(counts), after = (device.*row.value)(counts);
    if (before && after) deltas.push_back(*after - *before);
  }
  return percentile_interval(std::move(deltas));
}

void add_precision(const TaskInput& input, const std::vector<Side>& sides, const std::vector<int>& labels,
                   TaskOutcome& outcome) {
  const Observations& o = input.observed;
  for (const FigureRow& row : kFigures) {
    results::TaskFigure figure{.name = row.name, .better = "higher", .counts = "classes"};
    for (size_t s = 0; s < sides.size(); ++s) {
      const auto value = (sides[s].*row.value)({});
      if (!value) continue;
      figure_of(figure, input.sides[s].level) = results::Figure{.value = *value,
                                                                .unit = "1",
                                                                .kind = input.sides[s].kind,
                                                                .n = static_cast<int64_t>(labels.size())};
    }
    std::optional<Interval> interval;
    if (input.baseline >= 0) {
      interval = delta_interval_of(row, sides[static_cast<size_t>(input.baseline)], sides.back(),
                                   o.device->rows(), o.seed);
    }
    set_delta(input, figure, interval ? std::optional(interval->lo) : std::nullopt,
              interval ? std::optional(interval->hi) : std::nullopt);
    outcome.task.figures.push_back(std::move(figure));
  }
}

void add_classes(const TaskInput& input, const std::vector<Side>& sides, const std::vector<int>& labels,
                 TaskOutcome& outcome) {
  const auto& names = input.observed.classes;
  for (size_t c = 0; c < labels.size(); ++c) {
    const auto label = static_cast<size_t>(labels[c]);
    results::TaskClass row{.name = label < names.size() ? names[label] : std::to_string(label)};
    row.support = static_cast<int64_t>(sides.back().at[0][c].truth.size());
    row.sufficient = row.support >= kSufficientSupport;
    row.ap_device = average_precision(sides.back().at[0][c]);
    if (input.baseline >= 0) {
      row.ap_reference = average_precision(sides[static_cast<size_t>(input.baseline)].at[0][c]);
      if (row.ap_device && row.ap_reference) row.delta = *row.ap_device - *row.ap_reference;
    }
    outcome.task.classes.push_back(std::move(row));
  }
}

// How many boxes of the reference the others have too, and how many they add.
void add_matches(const TaskInput& input, const std::vector<Side>& sides, TaskOutcome& outcome) {
  if (input.baseline < 0) return;
  const std::vector<Box>& reference = sides[static_cast<size_t>(input.baseline)].boxes;
  results::TaskFigure matches{.name = "box_matches", .better = "higher", .counts = "reference boxes"},
      extra{.name = "extra_boxes", .better = "lower", .counts = "boxes"};
  const auto n = static_cast<int64_t>(reference.size());
  for (size_t s = 0; s < sides.size(); ++s) {
    if (static_cast<int>(s) == input.baseline) continue;
    const int64_t shared = shared_boxes(reference, sides[s].boxes);
    const auto own = static_cast<int64_t>(sides[s].boxes.size());
    const std::string& kind = input.sides[s].kind;
    const Interval interval = wilson(shared, n);
    if (n > 0) {
      figure_of(matches, input.sides[s].level) =
          results::Figure{.value = static_cast<double>(shared) / static_cast<double>(n),
                          .unit = "1",
                          .kind = kind,
                          .n = n,
                          .lo = interval.lo,
                          .hi = interval.hi};
    }
    figure_of(extra, input.sides[s].level) =
        results::Figure{.value = static_cast<double>(own - shared), .unit = "boxes", .kind = kind, .n = own};
  }
  outcome.task.figures.push_back(std::move(matches));
  outcome.task.figures.push_back(std::move(extra));
}

}  // namespace

Result<TaskOutcome> measure_detection(const TaskInput& input) {
  TaskOutcome outcome;
  const Observations& o = input.observed;
  const auto width = static_cast<int64_t>(o.task.layout.size());
  if (width == 0 || o.device->info.elements() % width != 0) {
    return fail("metric.bad_task",
                fmt::format("boxes of {} values do not fill {} outputs", width, o.device->info.elements()));
  }
  outcome.task.rule = fmt::format("boxes of {} with a score above {}; a match overlaps by 0.5 or more",
                                  fmt::join(o.task.layout, " "), o.task.min_score);
  const std::vector<Box> truth = boxes_of(o.task.boxes);
  std::set<int> present;
  for (const Box& box : truth) present.insert(box.label);
  const std::vector<int> labels(present.begin(), present.end());
  std::vector<Side> sides;
  for (const TaskSide& side : input.sides) {
    int64_t nonfinite = 0;
    Side boxes{.boxes = boxes_of(*side.outputs, o.task.layout, o.task.min_score, &nonfinite)};
    if (nonfinite > 0) {
      outcome.issues.push_back(
          {"metric.nonfinite", "error",
           fmt::format("{} boxes of {} hold NaN or infinity and are left out", nonfinite, side.level)});
    }
    for (int t = 0; t < kThresholds; ++t) {
      boxes.at.push_back(match_all(boxes.boxes, truth, labels, threshold_at(t)));
    }
    sides.push_back(std::move(boxes));
  }
  if (truth.empty()) {
    outcome.issues.push_back({"metric.no_labels", "note",
                              "detection has no boxes of truth ([task] truth): only the sides are compared"});
  } else {
    add_precision(input, sides, labels, outcome);
    add_classes(input, sides, labels, outcome);
  }
  add_matches(input, sides, outcome);
  return outcome;
}

}  // namespace assay::metric
