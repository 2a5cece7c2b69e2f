// A window sliding over an image: the geometry that convolutions and pools share. Batch is 1, layout HWC.
#pragma once

#include <stdint.h>

#include "../kernel.h"

namespace assay::engine::reference {

struct Window {
  uint16_t in_h, in_w, in_c;
  uint16_t out_h, out_w, out_c;
  uint16_t filter_h, filter_w;
  uint16_t stride_h, stride_w;
  uint16_t dilation_h, dilation_w;
  int16_t pad_h, pad_w;  // rows above and columns left of the input
};

// The first filter row (column) of the window at `start` that lies inside 0..size-1, and the one after the
// last.
struct Span {
  int32_t first, last;
};
inline Span inside(int32_t start, int32_t size, int32_t filter, int32_t dilation) {
  if (dilation == 1) {  // the usual case needs no division, which Cortex-M0 lacks
    const int32_t last = size - start < filter ? size - start : filter;
    return {start < 0 ? -start : 0, last};
  }
  Span span{0, filter};
  while (span.first < filter && start + span.first * dilation < 0) ++span.first;
  while (span.last > span.first && start + (span.last - 1) * dilation >= size) --span.last;
  return span;
}

// Every coordinate that a window can reach, inside the image or not, fits 31 bits.
inline bool reachable(uint32_t out, uint32_t stride, uint32_t filter, uint32_t dilation) {
  constexpr uint32_t kLimit = 0x3fffffff;
  return out * stride <= kLimit && filter * dilation <= kLimit;
}

// Input and output are tensors of exactly these sizes, of elements of `type` (int8 or float32).
inline bool sound(const Window& w, const OpContext& op, Type type) {
  const PlanTensor& in = op.input_tensor(0);
  const PlanTensor& out = op.output_tensor();
  const uint64_t element = type == Type::kFloat32 ? sizeof(float) : sizeof(int8_t);
  return is(in, type) && is(out, type) && in.bytes == element * w.in_h * w.in_w * w.in_c &&
         out.bytes == element * w.out_h * w.out_w * w.out_c && w.filter_h && w.filter_w && w.stride_h &&
         w.stride_w && w.dilation_h && w.dilation_w && w.pad_h >= 0 && w.pad_w >= 0 &&
         reachable(w.out_h, w.stride_h, w.filter_h, w.dilation_h) &&
         reachable(w.out_w, w.stride_w, w.filter_w, w.dilation_w);
}

}  // namespace assay::engine::reference
