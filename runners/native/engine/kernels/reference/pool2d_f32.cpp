#include "pool2d_f32.h"

#include <float.h>

namespace assay::engine::reference {
namespace {

// The cells of one window that lie inside the image; steps count values.
struct Cells {
  const float* first;
  uint32_t rows, columns;
  uint32_t row_step, pixel_step;
};

float mean_of(const Cells& cells) {
  float sum = 0;
  for (uint32_t y = 0; y < cells.rows; ++y) {
    const float* at = cells.first + y * cells.row_step;
    for (uint32_t x = 0; x < cells.columns; ++x, at += cells.pixel_step) sum += *at;
  }
  // A window without cells cannot come from a model; 0 / 0 becomes the one NaN.
  return sum / static_cast<float>(cells.rows * cells.columns);
}

float largest_of(const Cells& cells) {
  float largest = -FLT_MAX;
  for (uint32_t y = 0; y < cells.rows; ++y) {
    const float* at = cells.first + y * cells.row_step;
    for (uint32_t x = 0; x < cells.columns; ++x, at += cells.pixel_step) {
      if (*at > largest) largest = *at;
    }
  }
  return largest;
}

template <float (*kReduce)(const Cells&)>
void run_pool(const OpContext& op) {
  const auto& p = *reinterpret_cast<const PoolF32Parameters*>(op.parameters());
  const Window& w = p.window;
  const auto* input = static_cast<const float*>(op.input(0));
  auto* out = static_cast<float*>(op.output());
  for (uint32_t oy = 0; oy < w.out_h; ++oy) {
    const int32_t y0 = static_cast<int32_t>(oy * w.stride_h) - w.pad_h;
    const Span rows = inside(y0, w.in_h, w.filter_h, 1);
    for (uint32_t ox = 0; ox < w.out_w; ++ox) {
      const int32_t x0 = static_cast<int32_t>(ox * w.stride_w) - w.pad_w;
      const Span columns = inside(x0, w.in_w, w.filter_w, 1);
      Cells cells{input, 0, 0, uint32_t{w.in_w} * w.in_c, w.in_c};
      if (rows.last > rows.first && columns.last > columns.first) {
        cells.rows = static_cast<uint32_t>(rows.last - rows.first);
        cells.columns = static_cast<uint32_t>(columns.last - columns.first);
        cells.first += ((y0 + rows.first) * w.in_w + x0 + columns.first) * w.in_c;
      }
      for (uint32_t c = 0; c < w.in_c; ++c, ++cells.first) *out++ = to_range(kReduce(cells), p.range);
    }
  }
}

}  // namespace

bool check_pool2d_f32(const OpContext& op) {
  if (!op.holds(0, sizeof(PoolF32Parameters))) return false;
  const auto& p = *reinterpret_cast<const PoolF32Parameters*>(op.parameters());
  return sound(p.window, op, Type::kFloat32) && p.window.in_c == p.window.out_c && p.window.dilation_h == 1 &&
         p.window.dilation_w == 1;
}

void run_average_pool2d_f32(const OpContext& op) { run_pool<mean_of>(op); }
void run_max_pool2d_f32(const OpContext& op) { run_pool<largest_of>(op); }

}  // namespace assay::engine::reference
