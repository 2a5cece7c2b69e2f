// The seeded bootstrap for statistics that are no share: a resample is how often each of n samples was drawn.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "metric/statistics.h"

namespace assay::metric {

inline constexpr int64_t kResamples = 2000, kFewestResamples = 200;
// Fewer resamples where each costs much: about `budget` steps in all.
inline int64_t resamples_for(int64_t steps_each, int64_t budget = 60'000'000) {
  return std::clamp(steps_each > 0 ? budget / steps_each : kResamples, kFewestResamples, kResamples);
}

// Draws counts of n samples with replacement within each stratum (indices; they must cover what the statistic
// reads). mt19937_64 and multiply-shift, so that one seed gives the same draws on every machine.
class Resampler {
 public:
  Resampler(size_t n, uint64_t seed) : random_(seed), counts_(n, 0) {}
  std::span<const uint32_t> draw(std::span<const std::vector<uint32_t>> strata) {
    std::fill(counts_.begin(), counts_.end(), 0u);
    for (const std::vector<uint32_t>& stratum : strata) {
      for (size_t i = 0; i < stratum.size(); ++i) ++counts_[stratum[index(stratum.size())]];
    }
    return counts_;
  }
  std::span<const uint32_t> draw() {
    std::fill(counts_.begin(), counts_.end(), 0u);
    for (size_t i = 0; i < counts_.size(); ++i) ++counts_[index(counts_.size())];
    return counts_;
  }

 private:
  size_t index(size_t n) {
    word_ = half_ ? word_ >> 32 : random_();
    half_ = !half_;
    return static_cast<size_t>((word_ & 0xFFFFFFFFu) * n >> 32);
  }
  std::mt19937_64 random_;
  uint64_t word_ = 0;
  bool half_ = false;
  std::vector<uint32_t> counts_;
};

// 95 % percentile interval of values that are moved here; nullopt without any.
inline std::optional<Interval> percentile_interval(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{quantile(values, 0.025), quantile(values, 0.975)};
}

}  // namespace assay::metric
