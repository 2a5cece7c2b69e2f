#include "metric/input_channels.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace assay::metric {
namespace {

struct Sums {
  double r2 = 0, e2 = 0;
  int64_t zero = 0, saturated = 0, count = 0;
};

void limits_of(ElementType type, double& lo, double& hi) {
  const int bits = static_cast<int>(element_size(type)) * 8;
  const bool is_unsigned = type == ElementType::kUint8;
  lo = is_unsigned ? 0 : -std::exp2(bits - 1);
  hi = std::exp2(is_unsigned ? bits : bits - 1) - 1;
}

}  // namespace

Result<std::vector<results::InputChannel>> input_channels(const TensorRows* real, const TensorRows& quantised,
                                                          const std::vector<std::string>& names) {
  const TensorInfo& info = quantised.info;
  const bool integers = info.type != ElementType::kFloat32 && info.type != ElementType::kFloat64;
  if (info.scale == 0 || !integers || info.dims.empty()) return std::vector<results::InputChannel>{};
  if (real && (real->info.elements() != info.elements() || real->rows() != quantised.rows())) {
    return fail("metric.not_comparable",
                fmt::format("real inputs of {} rows {} do not match quantised inputs of {} rows {}",
                            real->rows(), real->info.shape(), quantised.rows(), info.shape()));
  }
  double lo = 0, hi = 0;
  limits_of(info.type, lo, hi);
  std::vector<Sums> sums(static_cast<size_t>(info.dims.back()));
  const size_t size = element_size(info.type);
  for (size_t row = 0; row < quantised.rows(); ++row) {
    const auto stored = quantised.row(row);
    const auto r = real ? real_values(real->info, real->row(row)) : std::vector<double>{};
    for (size_t i = 0; i * size < stored.size(); ++i) {
      Sums& s = sums[i % sums.size()];
      const double q = stored_value(info.type, &stored[i * size]);
      s.zero += q == static_cast<double>(info.zero_point);
      s.saturated += q == lo || q == hi;
      ++s.count;
      if (!real) continue;
      const double e = info.scale * (q - static_cast<double>(info.zero_point)) - r[i];
      s.r2 += r[i] * r[i];
      s.e2 += e * e;
    }
  }
  std::vector<results::InputChannel> channels;
  for (size_t c = 0; c < sums.size(); ++c) {
    const Sums& s = sums[c];
    if (s.count == 0) continue;
    results::InputChannel channel{.name = c < names.size() ? names[c] : std::to_string(c)};
    if (s.e2 > 0 && s.r2 > 0 && std::isfinite(s.r2 / s.e2)) channel.sqnr_db = 10 * std::log10(s.r2 / s.e2);
    channel.zero_share = static_cast<double>(s.zero) / static_cast<double>(s.count);
    channel.saturated_share = static_cast<double>(s.saturated) / static_cast<double>(s.count);
    channels.push_back(std::move(channel));
  }
  return channels;
}

}  // namespace assay::metric
