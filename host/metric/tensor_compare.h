// Tensor metrics: how far the device's numbers are from a reference's, element by element, with every
// denominator named. e = d - r (device minus reference) of dequantised values, float64, pooled over all
// samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "metric/error_sums.h"
#include "results/summary.h"

namespace assay::metric {

// Histogram of k = b_q - a_q in stored steps. metric.not_comparable unless both are integer tensors of equal
// type, shape, scale, zero point and row count.
Result<results::LsbHistogram> lsb_histogram(const TensorRows& a, const std::string& a_name,
                                            const TensorRows& b, const std::string& b_name);

// Differing bits of the stored bytes. metric.not_comparable unless type, shape and row count are equal.
Result<int64_t> differing_bits(const TensorRows& a, const TensorRows& b);

// Share of elements stored at a limit of the integer type; nullopt for other types or no elements.
std::optional<double> saturation_rate(const TensorRows& tensor);

// NaN and Inf are counted, never masked: with any of them the figures are absent.
struct TensorMetrics : ErrorFigures {
  int64_t elements = 0;
  int64_t nan_reference = 0, nan_device = 0, inf_reference = 0, inf_device = 0;
  int64_t nonfinite_disagreements = 0;  // elements where one side is not finite and the other differs from it
  int64_t max_abs_sample = 0, max_abs_element = 0;  // where max |e| is: row, element within the row
};

// The figures of one row; rows with a NaN or Inf on either side have none.
struct RowFigures {
  int64_t row = 0;
  ErrorFigures figures;
};
// Pooled over all elements; `rows` (may be nullptr) receives those of every finite row.
// metric.not_comparable unless element counts and row counts are equal; types may differ.
Result<TensorMetrics> compare_tensors(const TensorRows& reference, const TensorRows& device,
                                      std::vector<RowFigures>* rows = nullptr);

}  // namespace assay::metric
