#include "conv2d_f32.h"

namespace assay::engine::reference {
namespace {

// One pixel's taps inside the image: `rows` x `runs` pieces of `run` neighbouring values each.
struct Patch {
  const float* input;
  uint32_t first_tap;
  uint32_t rows, runs, run;
  uint32_t row_step, run_step;  // values of the input
  uint32_t row_taps, run_taps;  // taps of the filter
};

Patch patch_at(const Window& w, const float* input, uint32_t oy, uint32_t ox) {
  const int32_t y0 = static_cast<int32_t>(oy * w.stride_h) - w.pad_h;
  const int32_t x0 = static_cast<int32_t>(ox * w.stride_w) - w.pad_w;
  const Span rows = inside(y0, w.in_h, w.filter_h, w.dilation_h);
  const Span columns = inside(x0, w.in_w, w.filter_w, w.dilation_w);
  Patch patch{input,
              0,
              0,
              0,
              0,
              uint32_t{w.dilation_h} * w.in_w * w.in_c,
              uint32_t{w.dilation_w} * w.in_c,
              uint32_t{w.filter_w} * w.in_c,
              w.in_c};
  if (rows.last <= rows.first || columns.last <= columns.first) return patch;
  const auto count = static_cast<uint32_t>(columns.last - columns.first);
  patch.rows = static_cast<uint32_t>(rows.last - rows.first);
  patch.runs = w.dilation_w == 1 ? 1 : count;
  patch.run = w.dilation_w == 1 ? count * w.in_c : w.in_c;
  patch.first_tap =
      static_cast<uint32_t>(rows.first) * patch.row_taps + static_cast<uint32_t>(columns.first) * w.in_c;
  const int32_t y = y0 + rows.first * w.dilation_h, x = x0 + columns.first * w.dilation_w;
  patch.input = input + (y * w.in_w + x) * w.in_c;
  return patch;
}

// Four channels: each loaded activation serves four products.
void add_run(const float* weights, const float* in, uint32_t taps, float* sums) {
  float a0 = sums[0], a1 = sums[1], a2 = sums[2], a3 = sums[3];
  for (const float* end = in + taps; in != end; ++in, weights += 4) {
    const float x = *in;
    a0 += weights[0] * x;
    a1 += weights[1] * x;
    a2 += weights[2] * x;
    a3 += weights[3] * x;
  }
  sums[0] = a0, sums[1] = a1, sums[2] = a2, sums[3] = a3;
}

void add_patch(const Patch& patch, const float* weights, float* sums) {
  const float* row = patch.input;
  weights += patch.first_tap * 4;
  for (uint32_t y = 0; y < patch.rows; ++y, row += patch.row_step, weights += patch.row_taps * 4) {
    const float* in = row;
    const float* at = weights;
    for (uint32_t i = 0; i < patch.runs; ++i, in += patch.run_step, at += patch.run_taps * 4) {
      add_run(at, in, patch.run, sums);
    }
  }
}

}  // namespace

bool check_conv2d_f32(const OpContext& op) {
  if (!op.holds(0, sizeof(Conv2dF32Parameters))) return false;
  const auto& p = *reinterpret_cast<const Conv2dF32Parameters*>(op.parameters());
  const Window& w = p.window;
  if (!sound(w, op, Type::kFloat32)) return false;
  const uint64_t taps = uint64_t{w.filter_h} * w.filter_w * w.in_c;
  const uint32_t padded = (uint32_t{w.out_c} + 3) & ~3u;
  return (p.bias & 3) == 0 && (p.weights & 3) == 0 && op.holds(p.bias, uint64_t{padded} * sizeof(float)) &&
         taps <= op.op->parameter_bytes && op.holds(p.weights, taps * padded * sizeof(float));
}

void run_conv2d_f32(const OpContext& op) {
  const auto& p = *reinterpret_cast<const Conv2dF32Parameters*>(op.parameters());
  const Window& w = p.window;
  const auto* input = static_cast<const float*>(op.input(0));
  const auto* bias = reinterpret_cast<const float*>(op.parameters() + p.bias);
  auto* out = static_cast<float*>(op.output());
  const uint32_t group = uint32_t{w.filter_h} * w.filter_w * w.in_c * 4;
  for (uint32_t oy = 0; oy < w.out_h; ++oy) {
    for (uint32_t ox = 0; ox < w.out_w; ++ox, out += w.out_c) {
      const Patch patch = patch_at(w, input, oy, ox);
      const auto* weights = reinterpret_cast<const float*>(op.parameters() + p.weights);
      for (uint32_t c = 0; c < w.out_c; c += 4, weights += group) {
        float sums[4] = {};
        add_patch(patch, weights, sums);
        for (uint32_t i = 0; i < 4 && c + i < w.out_c; ++i)
          out[c + i] = to_range(sums[i] + bias[c + i], p.range);
      }
    }
  }
}

}  // namespace assay::engine::reference
