#include "metric/tensor_compare.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

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

struct Sums {
  double e = 0, abs_e = 0, e2 = 0, r = 0, r2 = 0, d2 = 0, rd = 0;
};

// A second pass, because sums of squares around a mean lose digits in one pass.
struct Centred {
  double r2 = 0, e2 = 0;
};

void count_nonfinite(double r, double d, TensorMetrics& m) {
  m.nan_reference += std::isnan(r);
  m.nan_device += std::isnan(d);
  m.inf_reference += std::isinf(r);
  m.inf_device += std::isinf(d);
  const bool finite = std::isfinite(r) && std::isfinite(d);
  m.nonfinite_disagreements += !finite && !(r == d || (std::isnan(r) && std::isnan(d)));
}

void fill(const Sums& s, const Centred& centred, TensorMetrics& m) {
  const auto n = static_cast<double>(m.elements);
  m.mae = s.abs_e / n;
  m.bias = s.e / n;
  m.rmse = std::sqrt(s.e2 / n);
  if (m.elements > 1) m.deviation = std::sqrt(centred.e2 / (n - 1));
  m.exact = s.e2 == 0;
  if (s.r2 > 0) m.l2r_ref = std::sqrt(s.e2 / s.r2);
  if (s.d2 > 0) m.l2r_dev = std::sqrt(s.e2 / s.d2);
  if (!m.exact && s.r2 > 0) m.sqnr_db = 10 * std::log10(s.r2 / s.e2);
  if (centred.r2 > 0) m.nse = 1 - s.e2 / centred.r2;
  m.cosine =
      s.r2 > 0 && s.d2 > 0 ? s.rd / (std::sqrt(s.r2) * std::sqrt(s.d2)) : (s.r2 == 0 && s.d2 == 0 ? 1 : 0);
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

Result<TensorMetrics> compare_tensors(const TensorRows& reference, const TensorRows& device) {
  if (reference.info.elements() != device.info.elements() || reference.rows() != device.rows()) {
    return not_comparable(reference, device);
  }
  TensorMetrics m;
  Sums s;
  double worst = -1;
  for (size_t row = 0; row < reference.rows(); ++row) {
    const auto r = real_values(reference.info, reference.row(row)),
               d = real_values(device.info, device.row(row));
    for (size_t i = 0; i < r.size(); ++i) {
      const double e = d[i] - r[i];
      count_nonfinite(r[i], d[i], m);
      s.e += e, s.abs_e += std::abs(e), s.e2 += e * e;
      s.r += r[i], s.r2 += r[i] * r[i], s.d2 += d[i] * d[i], s.rd += r[i] * d[i];
      if (std::abs(e) > worst) {
        worst = std::abs(e);
        m.max_abs_sample = static_cast<int64_t>(row), m.max_abs_element = static_cast<int64_t>(i);
      }
      ++m.elements;
    }
  }
  if (m.elements == 0 || m.nan_reference + m.nan_device + m.inf_reference + m.inf_device > 0) return m;
  const double mean_r = s.r / static_cast<double>(m.elements), mean_e = s.e / static_cast<double>(m.elements);
  Centred centred;
  for (size_t row = 0; row < reference.rows(); ++row) {
    const auto r = real_values(reference.info, reference.row(row)),
               d = real_values(device.info, device.row(row));
    for (size_t i = 0; i < r.size(); ++i) {
      centred.r2 += (r[i] - mean_r) * (r[i] - mean_r);
      centred.e2 += (d[i] - r[i] - mean_e) * (d[i] - r[i] - mean_e);
    }
  }
  m.max_abs = worst;
  fill(s, centred, m);
  return m;
}

}  // namespace assay::metric
