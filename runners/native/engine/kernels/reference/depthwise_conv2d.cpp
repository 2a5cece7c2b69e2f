#include "depthwise_conv2d.h"

#include <string.h>

namespace assay::engine::reference {
namespace {

// Scratch: int32 offset of each tap's pixel from the input, then one pixel of input zero points. A tap
// outside the image points at that pixel, so that the channel loops below know no border.
struct Taps {
  int32_t* offsets;
  uint32_t count;
};

void place_taps(const Window& w, uint32_t oy, uint32_t ox, int32_t outside, int32_t* offsets) {
  for (uint32_t ky = 0; ky < w.filter_h; ++ky) {
    const int32_t y = static_cast<int32_t>(oy * w.stride_h + ky * w.dilation_h) - w.pad_h;
    const bool row = y >= 0 && y < w.in_h;
    for (uint32_t kx = 0; kx < w.filter_w; ++kx) {
      const int32_t x = static_cast<int32_t>(ox * w.stride_w + kx * w.dilation_w) - w.pad_w;
      *offsets++ = row && x >= 0 && x < w.in_w ? (y * w.in_w + x) * w.in_c : outside;
    }
  }
}

// Four neighbouring channels at a time: one address per tap serves four products.
void four_channels(const int8_t* input, const Taps& taps, const int8_t* weights, uint32_t step,
                   const Channel* channels, const OutputRange& range, int8_t* out) {
  int32_t a0 = channels[0].bias, a1 = channels[1].bias, a2 = channels[2].bias, a3 = channels[3].bias;
  for (const int32_t *at = taps.offsets, *end = at + taps.count; at != end; ++at, weights += step) {
    const int8_t* in = input + *at;
    a0 += in[0] * weights[0];
    a1 += in[1] * weights[1];
    a2 += in[2] * weights[2];
    a3 += in[3] * weights[3];
  }
  out[0] = to_int8(a0, channels[0], range);
  out[1] = to_int8(a1, channels[1], range);
  out[2] = to_int8(a2, channels[2], range);
  out[3] = to_int8(a3, channels[3], range);
}

void one_channel(const int8_t* input, const Taps& taps, const int8_t* weights, uint32_t step,
                 const Channel& channel, const OutputRange& range, int8_t* out) {
  int32_t sum = channel.bias;
  for (uint32_t t = 0; t < taps.count; ++t, weights += step) sum += input[taps.offsets[t]] * *weights;
  *out = to_int8(sum, channel, range);
}

}  // namespace

bool check_depthwise_conv2d(const OpContext& op) {
  if (!op.holds(0, sizeof(DepthwiseParameters))) return false;
  const auto& p = *reinterpret_cast<const DepthwiseParameters*>(op.parameters());
  const Window& w = p.window;
  if (!sound(w, op, Type::kInt8) || !sound(p.range) || p.input_zero_point < -128 || p.input_zero_point > 127)
    return false;
  if (uint32_t{w.in_c} * p.depth_multiplier != w.out_c) return false;
  // Tap offsets span input and scratch, so both must lie in the arena.
  if (op.input_tensor(0).storage != static_cast<uint8_t>(Storage::kArena)) return false;
  const uint64_t taps = uint64_t{w.filter_h} * w.filter_w;
  return (p.channels & 3) == 0 && op.holds(p.channels, uint64_t{w.out_c} * sizeof(Channel)) &&
         op.holds(p.weights, taps * w.out_c) && op.op->scratch_bytes >= taps * sizeof(int32_t) + w.in_c &&
         sound(reinterpret_cast<const Channel*>(op.parameters() + p.channels), w.out_c);
}

void run_depthwise_conv2d(const OpContext& op) {
  const auto& p = *reinterpret_cast<const DepthwiseParameters*>(op.parameters());
  const Window& w = p.window;
  const auto* channels = reinterpret_cast<const Channel*>(op.parameters() + p.channels);
  const auto* weights = reinterpret_cast<const int8_t*>(op.parameters() + p.weights);
  const auto* input = static_cast<const int8_t*>(op.input(0));
  auto* out = static_cast<int8_t*>(op.output());
  const Taps taps{reinterpret_cast<int32_t*>(op.scratch()), uint32_t{w.filter_h} * w.filter_w};
  int8_t* outside = reinterpret_cast<int8_t*>(taps.offsets + taps.count);
  memset(outside, p.input_zero_point, w.in_c);
  // Offsets are relative to a pointer that is certain to lie in the arena with both.
  const auto* base = reinterpret_cast<const int8_t*>(op.arena);
  const int32_t input_offset = static_cast<int32_t>(input - base);
  const int32_t outside_offset = static_cast<int32_t>(outside - base) - input_offset;
  const uint32_t multiplier = p.depth_multiplier;

  for (uint32_t oy = 0; oy < w.out_h; ++oy) {
    for (uint32_t ox = 0; ox < w.out_w; ++ox, out += w.out_c) {
      place_taps(w, oy, ox, outside_offset, taps.offsets);
      uint32_t c = 0;
      for (; multiplier == 1 && c + 4 <= w.out_c; c += 4) {
        four_channels(input + c, taps, weights + c, w.out_c, channels + c, p.range, out + c);
      }
      uint32_t in_channel = multiplier == 1 ? c : 0;
      for (uint32_t m = 0; c < w.out_c; ++c) {
        one_channel(input + in_channel, taps, weights + c, w.out_c, channels[c], p.range, out + c);
        if (++m == multiplier) m = 0, ++in_channel;
      }
    }
  }
}

}  // namespace assay::engine::reference
