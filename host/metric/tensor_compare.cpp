#include "metric/tensor_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "metric/row_values.h"

namespace assay::metric {
namespace {

struct Limits {
  ElementType type;
  double lo, hi;
};
constexpr Limits kLimits[] = {{ElementType::kInt8, -128, 127},
                              {ElementType::kUint8, 0, 255},
                              {ElementType::kInt16, -32768, 32767},
                              {ElementType::kInt32, -2147483648.0, 2147483647.0}};

const Limits* limits_of(ElementType type) {
  for (const Limits& row : kLimits) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

std::string described(const TensorRows& tensor) {
  return fmt::format("{} {} scale {} zero point {}, {} rows", element_name(tensor.info.type),
                     tensor.info.shape(), tensor.info.scale, tensor.info.zero_point, tensor.rows());
}

tl::unexpected<Error> not_comparable(const TensorRows& a, const TensorRows& b) {
  return fail("metric.not_comparable", fmt::format("cannot compare {} with {}", described(a), described(b)));
}

bool same_storage(const TensorRows& a, const TensorRows& b) {
  return a.info.type == b.info.type && a.info.elements() == b.info.elements() &&
         a.data.size() == b.data.size();
}

void count_nonfinite(double r, double d, TensorMetrics& m) {
  m.nan_reference += std::isnan(r);
  m.nan_device += std::isnan(d);
  m.inf_reference += std::isinf(r);
  m.inf_device += std::isinf(d);
  const bool finite = std::isfinite(r) && std::isfinite(d);
  m.nonfinite_disagreements += !finite && !(r == d || (std::isnan(r) && std::isnan(d)));
}

bool finite(std::span<const double> row) {
  return std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

Result<results::LsbHistogram> lsb_histogram(const TensorRows& a, const std::string& a_name,
                                            const TensorRows& b, const std::string& b_name) {
  const bool comparable = same_storage(a, b) && limits_of(a.info.type) && a.info.scale == b.info.scale &&
                          a.info.zero_point == b.info.zero_point;
  if (!comparable) return not_comparable(a, b);
  results::LsbHistogram histogram{.a = a_name, .b = b_name};
  for (int k = -8; k <= 8; ++k) histogram.counts[k] = 0;
  const size_t size = element_size(a.info.type);
  for (size_t row = 0; row < a.rows(); ++row) {
    bool exact = true;
    const auto from = a.row(row), to = b.row(row);
    for (size_t at = 0; at < from.size(); at += size) {
      const double step = stored_value(b.info.type, &to[at]) - stored_value(a.info.type, &from[at]);
      const int k = static_cast<int>(std::clamp(step, -2147483647.0, 2147483647.0));
      exact = exact && k == 0;
      histogram.max_abs = std::max(histogram.max_abs, std::abs(k));
      ++histogram.elements;
      ++(k < -8 ? histogram.below : k > 8 ? histogram.above : histogram.counts[k]);
    }
    histogram.samples_exact += exact;
    ++histogram.samples;
  }
  return histogram;
}

Result<int64_t> differing_bits(const TensorRows& a, const TensorRows& b) {
  if (!same_storage(a, b)) return not_comparable(a, b);
  int64_t bits = 0;
  for (size_t i = 0; i < a.data.size(); ++i)
    bits += std::popcount(static_cast<unsigned>(a.data[i] ^ b.data[i]));
  return bits;
}

std::optional<double> saturation_rate(const TensorRows& tensor) {
  const Limits* limits = limits_of(tensor.info.type);
  const size_t size = element_size(tensor.info.type);
  if (!limits || tensor.data.empty()) return std::nullopt;
  int64_t at_limit = 0;
  for (size_t at = 0; at + size <= tensor.data.size(); at += size) {
    const double q = stored_value(tensor.info.type, &tensor.data[at]);
    at_limit += q == limits->lo || q == limits->hi;
  }
  return static_cast<double>(at_limit) / static_cast<double>(tensor.data.size() / size);
}

Result<TensorMetrics> compare_tensors(const TensorRows& reference, const TensorRows& device,
                                      std::vector<RowFigures>* rows) {
  if (reference.info.elements() != device.info.elements() || reference.rows() != device.rows()) {
    return not_comparable(reference, device);
  }
  TensorMetrics m;
  ErrorSums pooled;
  RowValues reference_values(reference), device_values(device);
  for (size_t row = 0; row < reference.rows(); ++row) {
    const auto r = reference_values(row), d = device_values(row);
    m.elements += static_cast<int64_t>(r.size());
    if (!finite(r) || !finite(d)) {
      for (size_t i = 0; i < r.size(); ++i) count_nonfinite(r[i], d[i], m);
      continue;
    }
    const ErrorSums sums = sums_of(r, d);
    if (pooled.n == 0 || sums.max_abs > pooled.max_abs) m.max_abs_sample = static_cast<int64_t>(row);
    add(sums, pooled);
    if (rows) rows->push_back({static_cast<int64_t>(row), figures_of(sums)});
  }
  m.max_abs_element = static_cast<int64_t>(pooled.max_element);
  const bool damaged = m.nan_reference + m.nan_device + m.inf_reference + m.inf_device > 0;
  if (!damaged) static_cast<ErrorFigures&>(m) = figures_of(pooled);
  return m;
}

}  // namespace assay::metric
