#include "report/shares.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace assay::report {

std::vector<int> tenths(const std::vector<double>& weights) {
  std::vector<int> out(weights.size(), 0);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0) || !std::isfinite(total)) return out;
  std::vector<std::pair<double, size_t>> remainders;
  int given = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double exact = 1000 * weights[i] / total;
    out[i] = static_cast<int>(std::floor(exact));
    given += out[i];
    remainders.emplace_back(out[i] - exact, i);
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < remainders.size() && given < 1000; ++i, ++given) ++out[remainders[i].second];
  return out;
}

std::span<const results::Layer> operators_of(const results::Summary& summary) {
  return {summary.layers.data(), summary.layers.size() - (gaps_of(summary) ? 1 : 0)};
}

const results::Layer* gaps_of(const results::Summary& summary) {
  return !summary.layers.empty() && summary.layers.back().op == "(gaps)" ? &summary.layers.back() : nullptr;
}

Shares shares_of(const results::Summary& summary) {
  const auto operators_run = operators_of(summary);
  const auto* gaps = gaps_of(summary);
  std::vector<double> weights;
  if (gaps) {
    for (const auto& layer : operators_run) weights.push_back(std::max(0.0, layer.share.value_or(0)));
    weights.push_back(std::max(0.0, gaps->share.value_or(0)));
  } else {
    double sum = 0;
    for (const auto& layer : operators_run) {
      weights.push_back(std::max(0.0, layer.median.value_or(0)));
      sum += weights.back();
    }
    const double total = summary.latency && summary.latency->median ? summary.latency->median->value : sum;
    // Medians of operators may add up to more than the median of the whole; then there is no gap to show.
    weights.push_back(std::max(0.0, total - sum));
  }
  const std::vector<int> parts = tenths(weights);
  Shares shares;
  int operators = 0;
  for (size_t i = 0; i + 1 < parts.size(); ++i)
    shares.operators.push_back(parts[i] / 10.0), operators += parts[i];
  shares.sum = operators / 10.0;
  shares.gaps = parts.back() / 10.0;
  return shares;
}

}  // namespace assay::report
