#include "metric/roc.h"

#include <algorithm>
#include <numeric>

namespace assay::metric {

RocOrder::RocOrder(std::span<const double> scores, std::span<const uint8_t> positive) {
  std::vector<uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return scores[a] > scores[b]; });
  for (size_t i = 0; i < order.size(); ++i) {
    const bool last = i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]];
    steps_.push_back({order[i], positive[order[i]] != 0, last});
  }
}

std::optional<double> RocOrder::auc(std::span<const uint32_t> counts) const {
  double positives = 0, negatives = 0, tie_positives = 0, tie_negatives = 0, area = 0;
  for (const Step& step : steps_) {
    const double weight = counts.empty() ? 1 : counts[step.sample];
    (step.positive ? tie_positives : tie_negatives) += weight;
    if (!step.last_of_tie) continue;
    area += tie_negatives * (positives + tie_positives / 2);
    positives += tie_positives, negatives += tie_negatives;
    tie_positives = tie_negatives = 0;
  }
  if (positives == 0 || negatives == 0) return std::nullopt;
  return area / (positives * negatives);
}

std::optional<double> RocOrder::partial_auc(double max_fpr, std::span<const uint32_t> counts) const {
  if (max_fpr >= 1) return auc(counts);
  double positives = 0, negatives = 0;
  for (const Step& step : steps_)
    (step.positive ? positives : negatives) += counts.empty() ? 1 : counts[step.sample];
  if (positives == 0 || negatives == 0) return std::nullopt;
  double tp = 0, fp = 0, before_tp = 0, before_fp = 0, area = 0;
  for (const Step& step : steps_) {
    (step.positive ? tp : fp) += counts.empty() ? 1 : counts[step.sample];
    if (!step.last_of_tie) continue;
    const double from = before_fp / negatives, to = fp / negatives, low = before_tp / positives,
                 high = tp / positives;
    if (to >= max_fpr) {  // the curve is cut inside this segment
      const double at = to > from ? low + (high - low) * (max_fpr - from) / (to - from) : high;
      area += (max_fpr - from) * (low + at) / 2;
      break;
    }
    area += (to - from) * (low + high) / 2;
    before_tp = tp, before_fp = fp;
  }
  const double least = max_fpr * max_fpr / 2;
  return (1 + (area - least) / (max_fpr - least)) / 2;
}

}  // namespace assay::metric
