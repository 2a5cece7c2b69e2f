// The k highest scores of every sample, as classification benchmarks count them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace assay::metric {

struct TopK {
  int64_t k = 0;
  std::vector<int> classes;  // k a sample, best first; -1 where a row has fewer numbers that are not NaN
  std::span<const int> row(size_t sample) const {
    return std::span(classes).subspan(sample * static_cast<size_t>(k), static_cast<size_t>(k));
  }
  size_t rows() const { return k > 0 ? classes.size() / static_cast<size_t>(k) : 0; }
};
// Ties go to the lowest index; NaN is never among them.
TopK top_k(const TensorRows& outputs, int64_t k);

// Samples whose label is among their k.
int64_t top_k_hits(std::span<const int> labels, const TopK& top);
// Mean over the samples of |T_k(a) n T_k(b)| / k. Both of equal k and rows; 0 without samples.
double set_agreement(const TopK& a, const TopK& b);

}  // namespace assay::metric
