#include "metric/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace assay::metric {

Interval wilson(int64_t hits, int64_t n, double z) {
  if (n <= 0) return {0, 1};
  const double count = static_cast<double>(n), p = static_cast<double>(hits) / count, z2 = z * z;
  const double centre = (p + z2 / (2 * count)) / (1 + z2 / count);
  const double half = z / (1 + z2 / count) * std::sqrt(p * (1 - p) / count + z2 / (4 * count * count));
  // Rounding must not leave 0..1, nor exclude the share itself at its ends.
  return {hits == 0 ? 0 : std::max(0.0, centre - half), hits == n ? 1 : std::min(1.0, centre + half)};
}

double mcnemar_p(int64_t b, int64_t c) {
  const int64_t n = b + c;
  if (n == 0) return 1;
  if (n >= 25) {
    const double distance = std::abs(static_cast<double>(b - c)) - 1;
    const double chi2 = b == c ? 0 : distance * distance / static_cast<double>(n);
    return std::erfc(std::sqrt(chi2 / 2));  // survival function of chi-squared with 1 degree of freedom
  }
  double binomial = 1, sum = 0;  // C(n, i), exact in a double for n < 25
  for (int64_t i = 0; i <= std::min(b, c); ++i) {
    sum += binomial;
    binomial = binomial * static_cast<double>(n - i) / static_cast<double>(i + 1);
  }
  return std::min(1.0, 2 * sum / std::exp2(static_cast<double>(n)));
}

double binomial_tail(int64_t hits, int64_t n, double p) {
  if (hits <= 0) return 1;
  if (hits > n || p <= 0) return 0;
  if (p >= 1) return 1;
  // The largest term by logarithms, the others from it by ratios: each term keeps its relative digits.
  const double count = static_cast<double>(n), q = 1 - p;
  const auto peak = std::clamp(static_cast<int64_t>(std::floor((count + 1) * p)), hits, n);
  const double k = static_cast<double>(peak);
  const double largest = std::exp(std::lgamma(count + 1) - std::lgamma(k + 1) - std::lgamma(count - k + 1) +
                                  k * std::log(p) + (count - k) * std::log1p(-p));
  double sum = 1, term = 1;
  for (int64_t i = peak; i < n && term > 1e-18; ++i) {
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1) * (p / q);
    sum += term;
  }
  term = 1;
  for (int64_t i = peak; i > hits && term > 1e-18; --i) {
    term *= static_cast<double>(i) / static_cast<double>(n - i + 1) * (q / p);
    sum += term;
  }
  return std::min(1.0, largest * sum);
}

double mcnemar_exact_p(int64_t b, int64_t c) {
  return b == c ? 1 : std::min(1.0, 2 * binomial_tail(std::max(b, c), b + c, 0.5));
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] < p[j]; });
  std::vector<double> adjusted(p.size());
  double highest = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    highest = std::max(highest, std::min(1.0, p[order[rank]] * static_cast<double>(p.size() - rank)));
    adjusted[order[rank]] = highest;
  }
  return adjusted;
}

Interval paired_bootstrap(int64_t b, int64_t c, int64_t n, uint64_t seed, int resamples) {
  if (n <= 0 || resamples <= 0) return {0, 0};
  std::mt19937_64 random(seed);
  const auto broken = static_cast<uint64_t>(b), flipped = static_cast<uint64_t>(b + c),
             pairs = static_cast<uint64_t>(n);
  std::vector<double> deltas(static_cast<size_t>(resamples));
  for (double& delta : deltas) {
    int64_t sum = 0;
    uint64_t word = 0;
    for (int64_t i = 0; i < n; ++i) {
      word = i % 2 == 0 ? random() : word >> 32;
      const uint64_t index = (word & 0xFFFFFFFFu) * pairs >> 32;
      // Only the kind of the drawn pair counts: the first b are broken, the next c fixed.
      sum += static_cast<int64_t>(index >= broken && index < flipped) - static_cast<int64_t>(index < broken);
    }
    delta = static_cast<double>(sum) / static_cast<double>(n);
  }
  std::sort(deltas.begin(), deltas.end());
  return {quantile(deltas, 0.025), quantile(deltas, 0.975)};
}

Interval delta_interval(int64_t b, int64_t c, int64_t n, uint64_t seed) {
  if (b + c == 0) return {-zero_event_bound(n), zero_event_bound(n)};
  return paired_bootstrap(b, c, n, seed);
}

double zero_event_bound(int64_t n) { return n <= 3 ? 1 : 3 / static_cast<double>(n); }

double quantile(std::span<const double> sorted, double q) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double at = static_cast<double>(sorted.size() - 1) * std::clamp(q, 0.0, 1.0);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace assay::metric
