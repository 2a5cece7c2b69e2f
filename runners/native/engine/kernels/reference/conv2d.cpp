#include "conv2d.h"

#include <string.h>

namespace assay::engine::reference {
namespace {

// Four channels of two pixels; one pixel is `in0 == in1`, `out0 == out1`.
struct Pixels {
  const int8_t* in0;
  const int8_t* in1;
  int8_t* out0;
  int8_t* out1;
};

void store(int8_t* out, const int32_t* sums, const Channel* channels, uint32_t count,
           const OutputRange& range) {
  for (uint32_t c = 0; c < count; ++c) out[c] = to_int8(sums[c], channels[c], range);
}

// Each loaded weight serves both pixels, each loaded activation four channels: 14 loads and multiplies per 8
// MACs.
void multiply_pair(const int8_t* weights, uint32_t taps, const int8_t* in0, const int8_t* in1, int32_t* sums0,
                   int32_t* sums1) {
  int32_t a0 = sums0[0], a1 = sums0[1], a2 = sums0[2], a3 = sums0[3];
  int32_t b0 = a0, b1 = a1, b2 = a2, b3 = a3;
  const int8_t* end = weights + taps * 4;
  while (weights != end) {
    const int32_t x = *in0++, y = *in1++;
    int32_t w = weights[0];
    a0 += w * x, b0 += w * y;
    w = weights[1];
    a1 += w * x, b1 += w * y;
    w = weights[2];
    a2 += w * x, b2 += w * y;
    w = weights[3];
    a3 += w * x, b3 += w * y;
    weights += 4;
  }
  sums0[0] = a0, sums0[1] = a1, sums0[2] = a2, sums0[3] = a3;
  sums1[0] = b0, sums1[1] = b1, sums1[2] = b2, sums1[3] = b3;
}

void multiply_one(const int8_t* weights, uint32_t taps, const int8_t* in, int32_t* sums) {
  int32_t a0 = sums[0], a1 = sums[1], a2 = sums[2], a3 = sums[3];
  const int8_t* end = weights + taps * 4;
  while (weights != end) {
    const int32_t x = *in++;
    a0 += weights[0] * x;
    a1 += weights[1] * x;
    a2 += weights[2] * x;
    a3 += weights[3] * x;
    weights += 4;
  }
  sums[0] = a0, sums[1] = a1, sums[2] = a2, sums[3] = a3;
}

void all_channels(const Conv2dParameters& p, const uint8_t* parameters, uint32_t taps, const Pixels& at) {
  const auto* channels = reinterpret_cast<const Channel*>(parameters + p.channels);
  const auto* weights = reinterpret_cast<const int8_t*>(parameters + p.weights);
  const bool pair = at.in0 != at.in1;
  for (uint32_t c = 0; c < p.window.out_c; c += 4, channels += 4, weights += taps * 4) {
    const uint32_t left = p.window.out_c - c;
    const uint32_t count = left < 4 ? left : 4;
    int32_t sums0[4] = {channels[0].bias, channels[1].bias, channels[2].bias, channels[3].bias};
    if (pair) {
      int32_t sums1[4];
      multiply_pair(weights, taps, at.in0, at.in1, sums0, sums1);
      store(at.out1 + c, sums1, channels, count, p.range);
    } else {
      multiply_one(weights, taps, at.in0, sums0);
    }
    store(at.out0 + c, sums0, channels, count, p.range);
  }
}

// The window at (oy, ox) as one contiguous run of taps.
void copy_patch(const Window& w, const int8_t* input, int32_t zero_point, uint32_t oy, uint32_t ox,
                int8_t* patch) {
  const int32_t y0 = static_cast<int32_t>(oy * w.stride_h) - w.pad_h;
  const int32_t x0 = static_cast<int32_t>(ox * w.stride_w) - w.pad_w;
  const Span rows = inside(y0, w.in_h, w.filter_h, w.dilation_h);
  const Span columns = inside(x0, w.in_w, w.filter_w, w.dilation_w);
  const uint32_t row_bytes = uint32_t{w.filter_w} * w.in_c;
  if (rows.first != 0 || columns.first != 0 || rows.last != w.filter_h || columns.last != w.filter_w) {
    memset(patch, zero_point, row_bytes * w.filter_h);
  }
  if (columns.last <= columns.first) return;
  for (int32_t ky = rows.first; ky < rows.last; ++ky) {
    const int32_t y = y0 + ky * w.dilation_h;
    int8_t* to = patch + static_cast<uint32_t>(ky) * row_bytes + columns.first * w.in_c;
    const int8_t* from = input + (y * w.in_w + x0 + columns.first * w.dilation_w) * w.in_c;
    if (w.dilation_w == 1) {
      memcpy(to, from, static_cast<uint32_t>(columns.last - columns.first) * w.in_c);
      continue;
    }
    for (int32_t kx = columns.first; kx < columns.last; ++kx, to += w.in_c, from += w.dilation_w * w.in_c) {
      memcpy(to, from, w.in_c);
    }
  }
}

}  // namespace

bool check_conv2d(const OpContext& op) {
  if (!op.holds(0, sizeof(Conv2dParameters))) return false;
  const auto& p = *reinterpret_cast<const Conv2dParameters*>(op.parameters());
  const Window& w = p.window;
  if (!sound(w, op, Type::kInt8) || !sound(p.range) || p.input_zero_point < -128 || p.input_zero_point > 127)
    return false;
  const uint64_t taps = uint64_t{w.filter_h} * w.filter_w * w.in_c;
  const uint32_t padded = (uint32_t{w.out_c} + 3) & ~3u;
  if ((p.channels & 3) != 0 || !op.holds(p.channels, uint64_t{padded} * sizeof(Channel)) ||
      taps > op.op->parameter_bytes || !op.holds(p.weights, taps * padded)) {
    return false;
  }
  if (needs_patches(w) ? op.op->scratch_bytes < 2 * taps : (w.out_h != w.in_h || w.out_w != w.in_w))
    return false;
  return sound(reinterpret_cast<const Channel*>(op.parameters() + p.channels), padded);
}

void run_conv2d(const OpContext& op) {
  const auto& p = *reinterpret_cast<const Conv2dParameters*>(op.parameters());
  const Window& w = p.window;
  const auto* input = static_cast<const int8_t*>(op.input(0));
  auto* output = static_cast<int8_t*>(op.output());
  const uint32_t taps = uint32_t{w.filter_h} * w.filter_w * w.in_c;
  const uint32_t pixels = uint32_t{w.out_h} * w.out_w;
  const bool patches = needs_patches(w);
  int8_t* patch[2] = {reinterpret_cast<int8_t*>(op.scratch()),
                      reinterpret_cast<int8_t*>(op.scratch()) + taps};
  uint32_t oy = 0, ox = 0;
  for (uint32_t pixel = 0; pixel < pixels; pixel += 2) {
    const uint32_t count = pixels - pixel < 2 ? 1 : 2;
    Pixels at{input + pixel * w.in_c, nullptr, output + pixel * w.out_c, nullptr};
    if (patches) {
      at.in0 = patch[0];
      for (uint32_t i = 0; i < count; ++i) {
        copy_patch(w, input, p.input_zero_point, oy, ox, patch[i]);
        if (++ox == w.out_w) ox = 0, ++oy;
      }
    }
    at.in1 = count == 2 ? at.in0 + taps : at.in0;
    at.out1 = at.out0 + (count == 2 ? w.out_c : 0);
    all_channels(p, op.parameters(), taps, at);
  }
}

}  // namespace assay::engine::reference
