// What float32 kernels share: the fused activation, the one NaN, and exp.
//
// Sums run in the order of TensorFlow Lite's reference kernels (the bias last), so that results equal theirs
// to the bit, except where exp is used: theirs comes from the C library of each platform, this one is the
// same everywhere.
#pragma once

#include <stdint.h>
#include <string.h>

namespace assay::engine::reference {

struct FloatRange {
  float low, high;  // fused activation; the largest finite numbers: none
};

// Processors differ in the NaN that an invalid operation gives; leaving operators with this one, results do
// not.
inline float canonical(float x) { return x == x ? x : __builtin_nanf(""); }

inline float to_range(float x, const FloatRange& range) {
  return canonical(x < range.low ? range.low : x > range.high ? range.high : x);
}

// e^x for x <= 0, within 2 units in the last place; 0 below -87, where the result leaves the normal numbers.
float exp_of_negative(float x);

}  // namespace assay::engine::reference
