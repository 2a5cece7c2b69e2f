// How a pooling window goes over an image, for every element type: pool2d.cpp and pool2d_f32.cpp say what
// becomes of its cells.
#pragma once

#include "window.h"

namespace assay::engine::reference {

// The cells of one window that lie inside the image; steps count values.
template <class T>
struct Cells {
  const T* first;  // of one channel
  uint32_t rows, columns;
  uint32_t row_step, pixel_step;

  // visit(value), row by row.
  template <class Visit>
  void each(Visit visit) const {
    for (uint32_t y = 0; y < rows; ++y) {
      const T* at = first + y * row_step;
      for (uint32_t x = 0; x < columns; ++x, at += pixel_step) visit(*at);
    }
  }
  uint32_t count() const { return rows * columns; }
};

// Output NHWC [1, out_h, out_w, in_c] = reduce(cells of that window and channel).
template <class T, class Reduce>
void pool(const OpContext& op, const Window& w, Reduce reduce) {
  const auto* input = static_cast<const T*>(op.input(0));
  auto* out = static_cast<T*>(op.output());
  for (uint32_t oy = 0; oy < w.out_h; ++oy) {
    const int32_t y0 = static_cast<int32_t>(oy * w.stride_h) - w.pad_h;
    const Span rows = inside(y0, w.in_h, w.filter_h, 1);
    for (uint32_t ox = 0; ox < w.out_w; ++ox) {
      const int32_t x0 = static_cast<int32_t>(ox * w.stride_w) - w.pad_w;
      const Span columns = inside(x0, w.in_w, w.filter_w, 1);
      Cells<T> cells{input, 0, 0, uint32_t{w.in_w} * w.in_c, w.in_c};
      if (rows.last > rows.first && columns.last > columns.first) {
        cells.rows = static_cast<uint32_t>(rows.last - rows.first);
        cells.columns = static_cast<uint32_t>(columns.last - columns.first);
        cells.first += ((y0 + rows.first) * w.in_w + x0 + columns.first) * w.in_c;
      }
      for (uint32_t c = 0; c < w.in_c; ++c, ++cells.first) *out++ = reduce(cells);
    }
  }
}

// Shapes and types that run() relies on.
inline bool sound_pool(const Window& w, const OpContext& op, Type type) {
  return sound(w, op, type) && w.in_c == w.out_c && w.dilation_h == 1 && w.dilation_w == 1;
}

}  // namespace assay::engine::reference
