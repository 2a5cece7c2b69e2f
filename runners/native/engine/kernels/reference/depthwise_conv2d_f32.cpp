#include "depthwise_conv2d_f32.h"

namespace assay::engine::reference {
namespace {

// One pixel's taps inside the image; steps count values.
struct Taps {
  const float* input;    // first tap, channel 0
  const float* weights;  // first tap, channel 0
  uint32_t rows, columns;
  uint32_t in_row, in_column;
  uint32_t weight_row, weight_column;
};

Taps taps_at(const Window& w, const float* input, const float* weights, uint32_t oy, uint32_t ox) {
  const int32_t y0 = static_cast<int32_t>(oy * w.stride_h) - w.pad_h;
  const int32_t x0 = static_cast<int32_t>(ox * w.stride_w) - w.pad_w;
  const Span rows = inside(y0, w.in_h, w.filter_h, w.dilation_h);
  const Span columns = inside(x0, w.in_w, w.filter_w, w.dilation_w);
  Taps taps{input,
            weights,
            0,
            0,
            uint32_t{w.dilation_h} * w.in_w * w.in_c,
            uint32_t{w.dilation_w} * w.in_c,
            uint32_t{w.filter_w} * w.out_c,
            w.out_c};
  if (rows.last <= rows.first || columns.last <= columns.first) return taps;
  taps.rows = static_cast<uint32_t>(rows.last - rows.first);
  taps.columns = static_cast<uint32_t>(columns.last - columns.first);
  const int32_t y = y0 + rows.first * w.dilation_h, x = x0 + columns.first * w.dilation_w;
  taps.input += (y * w.in_w + x) * w.in_c;
  taps.weights += static_cast<uint32_t>(rows.first) * taps.weight_row +
                  static_cast<uint32_t>(columns.first) * taps.weight_column;
  return taps;
}

// Four neighbouring output channels from `channel`; their inputs lie `step` apart: 1 each has its own, 0 all
// share one.
void four_channels(const Taps& taps, uint32_t in_channel, uint32_t step, uint32_t channel, float* sums) {
  float a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (uint32_t y = 0; y < taps.rows; ++y) {
    const float* in = taps.input + in_channel + y * taps.in_row;
    const float* w = taps.weights + channel + y * taps.weight_row;
    for (uint32_t x = 0; x < taps.columns; ++x, in += taps.in_column, w += taps.weight_column) {
      a0 += in[0] * w[0];
      a1 += in[step] * w[1];
      a2 += in[2 * step] * w[2];
      a3 += in[3 * step] * w[3];
    }
  }
  sums[0] = a0, sums[1] = a1, sums[2] = a2, sums[3] = a3;
}

float one_channel(const Taps& taps, uint32_t in_channel, uint32_t channel) {
  float sum = 0;
  for (uint32_t y = 0; y < taps.rows; ++y) {
    const float* in = taps.input + in_channel + y * taps.in_row;
    const float* w = taps.weights + channel + y * taps.weight_row;
    for (uint32_t x = 0; x < taps.columns; ++x, in += taps.in_column, w += taps.weight_column)
      sum += *in * *w;
  }
  return sum;
}

}  // namespace

bool check_depthwise_conv2d_f32(const OpContext& op) {
  if (!op.holds(0, sizeof(DepthwiseF32Parameters))) return false;
  const auto& p = *reinterpret_cast<const DepthwiseF32Parameters*>(op.parameters());
  const Window& w = p.window;
  if (!sound(w, op, Type::kFloat32) || uint64_t{w.in_c} * p.depth_multiplier != w.out_c) return false;
  const uint64_t taps = uint64_t{w.filter_h} * w.filter_w;
  return (p.bias & 3) == 0 && (p.weights & 3) == 0 && op.holds(p.bias, uint64_t{w.out_c} * sizeof(float)) &&
         op.holds(p.weights, taps * w.out_c * sizeof(float));
}

void run_depthwise_conv2d_f32(const OpContext& op) {
  const auto& p = *reinterpret_cast<const DepthwiseF32Parameters*>(op.parameters());
  const Window& w = p.window;
  const auto* input = static_cast<const float*>(op.input(0));
  const auto* bias = reinterpret_cast<const float*>(op.parameters() + p.bias);
  const auto* weights = reinterpret_cast<const float*>(op.parameters() + p.weights);
  auto* out = static_cast<float*>(op.output());
  const uint32_t multiplier = p.depth_multiplier;
  const bool fours = multiplier == 1 || multiplier % 4 == 0;
  for (uint32_t oy = 0; oy < w.out_h; ++oy) {
    for (uint32_t ox = 0; ox < w.out_w; ++ox, out += w.out_c) {
      const Taps taps = taps_at(w, input, weights, oy, ox);
      uint32_t c = 0;
      for (; fours && c + 4 <= w.out_c; c += 4) {
        float sums[4];
        four_channels(taps, multiplier == 1 ? c : c / multiplier, multiplier == 1, c, sums);
        for (uint32_t i = 0; i < 4; ++i) out[c + i] = to_range(sums[i] + bias[c + i], p.range);
      }
      for (; c < w.out_c; ++c) out[c] = to_range(one_channel(taps, c / multiplier, c) + bias[c], p.range);
    }
  }
}

}  // namespace assay::engine::reference
