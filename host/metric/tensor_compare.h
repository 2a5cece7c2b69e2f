// Tensor metrics: how far the device's numbers are from a reference's, element by element, with every
// denominator named. e = d - r (device minus reference) of dequantised values, float64, pooled over all
// samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/tensor.h"
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

// NaN and Inf are counted, never masked: with any of them the figures below `elements` are absent.
struct TensorMetrics {
  int64_t elements = 0;
  int64_t nan_reference = 0, nan_device = 0, inf_reference = 0, inf_device = 0;
  int64_t nonfinite_disagreements = 0;  // elements where one side is not finite and the other differs from it
  std::optional<double> mae, bias, rmse;            // bias = mean(e)
  std::optional<double> deviation;                  // of e, ddof 1; absent below two elements
  std::optional<double> max_abs;                    // max |e| ...
  int64_t max_abs_sample = 0, max_abs_element = 0;  // ... and where: row, element within the row
  bool exact = false;                               // sum e^2 = 0
  std::optional<double> l2r_ref, l2r_dev;  // ||e|| / ||r||, ||e|| / ||d||; absent where the denominator is 0
  std::optional<double> sqnr_db;           // 10 log10(sum r^2 / sum e^2); absent when exact or sum r^2 = 0
  std::optional<double> nse;               // 1 - sum e^2 / sum (r - mean r)^2; absent where r is constant
  std::optional<double> cosine;            // both zero 1, one zero 0
};
// metric.not_comparable unless element counts and row counts are equal; types may differ.
Result<TensorMetrics> compare_tensors(const TensorRows& reference, const TensorRows& device);

}  // namespace assay::metric
