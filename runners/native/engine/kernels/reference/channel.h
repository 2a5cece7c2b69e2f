// What each output channel of a convolution or a fully connected layer needs to become int8 again.
#pragma once

#include <stdint.h>

#include "../../fixed_point.h"

namespace assay::engine::reference {

struct Channel {
  int32_t bias;        // input zero point folded in: bias - zero_point * sum of the channel's weights
  int32_t multiplier;  // Q31, >= 0
  int32_t shift;       // kMinShift..kMaxShift, negative: right
};

struct OutputRange {
  int16_t zero_point;
  int16_t low;  // fused activation, in int8
  int16_t high;
  int16_t reserved;
};

inline int8_t to_int8(int32_t sum, const Channel& channel, const OutputRange& range) {
  const int32_t scaled = requantize(sum, channel.multiplier, channel.shift) + range.zero_point;
  return static_cast<int8_t>(clamp(scaled, range.low, range.high));
}

inline bool sound(const Channel& channel) {
  return channel.multiplier >= 0 && channel.shift >= kMinShift && channel.shift <= kMaxShift;
}

inline bool sound(const OutputRange& range) {
  return range.low >= -128 && range.low <= range.high && range.high <= 127;
}

inline bool sound(const Channel* channels, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!sound(channels[i])) return false;
  }
  return true;
}

}  // namespace assay::engine::reference
