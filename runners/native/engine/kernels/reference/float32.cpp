#include "float32.h"

namespace assay::engine::reference {

// x = n ln 2 + r with |r| <= ln 2 / 2; e^r from its Taylor series of degree 7, whose rest is below 1e-8.
float exp_of_negative(float x) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kLn2High = 0.693359375f;  // 9 bits, so that n times it is exact
  constexpr float kLn2Low = -2.12194440e-4f;
  constexpr float kSeries[] = {1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  if (!(x < 0)) return x == x ? 1 : x;
  if (x < -87.0f) return 0;
  const int32_t n = static_cast<int32_t>(x * kLog2E - 0.5f);
  const float exponent = static_cast<float>(n);
  const float r = (x - exponent * kLn2High) - exponent * kLn2Low;
  float sum = kSeries[0];
  for (int i = 1; i < 8; ++i) sum = sum * r + kSeries[i];
  // 2^n, -126 <= n <= 0.
  const uint32_t bits = static_cast<uint32_t>(n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return sum * power;
}

}  // namespace assay::engine::reference
