// The integer arithmetic of int8 models, with the double rounding of TensorFlow Lite's published
// specification: a saturating rounding doubling high multiply (x * m / 2^31), then a rounding shift, each
// rounded by itself.
#pragma once

#include <stdint.h>

namespace assay::engine {

// Shifts that requantize() accepts; host and plan check enforce it.
constexpr int32_t kMinShift = -31;
constexpr int32_t kMaxShift = 30;

// floor((x * m + 2^30) / 2^31); m >= 0, so the one product that would need saturation cannot occur.
inline int32_t high_multiply(int32_t x, int32_t m) {
  return static_cast<int32_t>((static_cast<int64_t>(x) * m + (int64_t{1} << 30)) >> 31);
}

// x / 2^exponent, ties away from zero; exponent 1..31. Halving twice keeps the sum inside 32 bits.
inline int32_t rounding_shift(int32_t x, int32_t exponent) {
  const int32_t toward_zero = x + (x >> 31);
  return ((toward_zero >> (exponent - 1)) + 1) >> 1;
}

// x * m * 2^(shift - 31).
inline int32_t requantize(int32_t x, int32_t m, int32_t shift) {
  if (shift >= 0) return high_multiply(static_cast<int32_t>(static_cast<uint32_t>(x) << shift), m);
  return rounding_shift(high_multiply(x, m), -shift);
}

inline int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

}  // namespace assay::engine
