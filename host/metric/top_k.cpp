#include "metric/top_k.h"

#include <algorithm>
#include <cmath>

#include "metric/row_values.h"

namespace assay::metric {

TopK top_k(const TensorRows& outputs, int64_t k) {
  const auto width = static_cast<size_t>(k);
  TopK top{.k = k, .classes = std::vector<int>(outputs.rows() * width, -1)};
  RowValues values(outputs);
  for (size_t sample = 0; sample < outputs.rows(); ++sample) {
    const auto row = values(sample);
    int* best = &top.classes[sample * width];
    size_t found = 0;
    for (size_t c = 0; c < row.size(); ++c) {
      if (std::isnan(row[c])) continue;
      size_t at = found;  // insert behind all that are at least as high
      while (at > 0 && row[c] > row[static_cast<size_t>(best[at - 1])]) --at;
      if (at >= width) continue;
      found = std::min(found + 1, width);
      for (size_t i = found - 1; i > at; --i) best[i] = best[i - 1];
      best[at] = static_cast<int>(c);
    }
  }
  return top;
}

int64_t top_k_hits(std::span<const int> labels, const TopK& top) {
  int64_t hits = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto row = top.row(i);
    hits += std::find(row.begin(), row.end(), labels[i]) != row.end();
  }
  return hits;
}

double set_agreement(const TopK& a, const TopK& b) {
  if (a.rows() == 0) return 0;
  int64_t shared = 0;
  for (size_t i = 0; i < a.rows(); ++i) {
    const auto other = b.row(i);
    for (int c : a.row(i)) shared += c >= 0 && std::find(other.begin(), other.end(), c) != other.end();
  }
  return static_cast<double>(shared) / static_cast<double>(a.rows()) / static_cast<double>(a.k);
}

}  // namespace assay::metric
