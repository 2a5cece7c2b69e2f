// Real factors as the integers that kernels multiply with: factor = multiplier * 2^(shift - 31). Host only.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "pack.h"

namespace assay::engine {

struct FixedFactor {
  int32_t multiplier = 0;
  int32_t shift = 0;
};

// Normalised to 2^30 <= multiplier < 2^31, rounded half away from zero; factors below 2^-32 become 0.
inline FixedFactor fixed_factor(double factor) {
  if (factor == 0) return {};
  int exponent = 0;
  int64_t multiplier = std::llround(std::frexp(factor, &exponent) * static_cast<double>(int64_t{1} << 31));
  if (multiplier == int64_t{1} << 31) {
    multiplier /= 2;
    ++exponent;
  }
  if (exponent < -31) return {};
  return {static_cast<int32_t>(multiplier), exponent};
}

struct Int8Range {
  int32_t low = -128, high = 127;
};

// The fused activation's limits in an int8 tensor's own steps, within int8.
inline Int8Range activation_range(Activation activation, float scale, int32_t zero_point) {
  const auto quantised = [&](float real) {
    const double steps = std::round(real / scale);
    return static_cast<int32_t>(std::fmin(std::fmax(zero_point + steps, -128), 127));
  };
  Int8Range range;
  if (activation == Activation::kRelu || activation == Activation::kRelu6) range.low = quantised(0);
  if (activation == Activation::kReluN1To1) range.low = quantised(-1);
  if (activation == Activation::kRelu6) range.high = quantised(6);
  if (activation == Activation::kReluN1To1) range.high = quantised(1);
  return range;
}

}  // namespace assay::engine
