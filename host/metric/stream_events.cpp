#include "metric/stream_events.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "metric/classification.h"
#include "metric/row_values.h"

namespace assay::metric {
namespace {

constexpr double kDefaultThreshold = 0.5;
// Times are multiples of a step that often has no exact double: 14 hops of 0.1 s are 1.4 s all the same.
constexpr double kSlack = 1e-9;  // hops

// The mean of the last scores; a hop that is not finite empties it.
class Smoothing {
 public:
  Smoothing(size_t width, int64_t hops) : mean_(width), hops_(static_cast<size_t>(hops)) {}
  std::span<const double> add(std::span<const double> scores) {
    last_.emplace_back(scores.begin(), scores.end());
    if (last_.size() > hops_) last_.pop_front();
    std::fill(mean_.begin(), mean_.end(), 0.0);
    for (const auto& row : last_) {
      for (size_t c = 0; c < mean_.size(); ++c) mean_[c] += row[c];
    }
    for (double& value : mean_) value /= static_cast<double>(last_.size());
    return mean_;
  }
  void clear() { last_.clear(); }

 private:
  std::vector<double> mean_;
  size_t hops_;
  std::deque<std::vector<double>> last_;
};

// Marks the events that a detection answers; false when there is none.
bool answer(const TaskSetup& setup, int label, double at_s, StreamResult& result) {
  bool any = false;
  const double slack = kSlack * setup.hop_s;
  for (size_t e = 0; e < setup.events.size(); ++e) {
    const TruthEvent& event = setup.events[e];
    if (event.start_s > at_s + slack) break;
    if (event.label != label || at_s > event.end_s + setup.grace_s + slack) continue;
    any = true;
    if (!result.delay_s[e]) result.delay_s[e] = std::max(0.0, at_s - event.start_s);
  }
  return any;
}

}  // namespace

StreamResult follow_stream(const TensorRows& outputs, const TaskSetup& setup, int64_t first_row) {
  StreamResult result;
  result.delay_s.resize(setup.events.size());
  result.hours = static_cast<double>(outputs.rows()) * setup.hop_s / 3600;
  RowValues values(outputs);
  Smoothing smoothing(static_cast<size_t>(outputs.info.elements()), setup.smoothing);
  const double threshold = setup.threshold.value_or(kDefaultThreshold);
  for (size_t hop = 0; hop < outputs.rows(); ++hop) {
    const auto scores = values(hop);
    if (!std::all_of(scores.begin(), scores.end(), [](double v) { return std::isfinite(v); })) {
      ++result.nonfinite_hops;
      smoothing.clear();
      continue;
    }
    const auto mean = smoothing.add(scores);
    const int top = decide(mean).top;
    const bool background =
        std::find(setup.background.begin(), setup.background.end(), top) != setup.background.end();
    if (top < 0 || background || mean[static_cast<size_t>(top)] < threshold) continue;
    const double at_s = static_cast<double>(first_row + static_cast<int64_t>(hop)) * setup.hop_s;
    if (answer(setup, top, at_s, result)) continue;
    const bool bounces = !result.false_alarms_s.empty() &&
                         at_s - result.false_alarms_s.back() < setup.debounce_s - kSlack * setup.hop_s;
    if (!bounces) result.false_alarms_s.push_back(at_s);
  }
  return result;
}

}  // namespace assay::metric
