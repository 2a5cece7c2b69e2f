// CONV_2D int8 and, as a 1x1 convolution over its rows, FULLY_CONNECTED.
//
// Weights lie in groups of four output channels, interleaved: weights[group][tap][channel of 4], tap = (row,
// column, input channel); the last group is filled up with zeros. Taps outside the image read the input zero
// point, so the zero point folds into the bias everywhere.
#pragma once

#include "channel.h"
#include "window.h"

namespace assay::engine::reference {

struct Conv2dParameters {
  Window window;
  OutputRange range;
  int16_t input_zero_point;
  uint16_t reserved;
  uint32_t channels;  // Channel[out_c rounded up to 4]; offsets from these parameters
  uint32_t weights;   // int8[out_c rounded up to 4][filter_h * filter_w * in_c]
};

// Two image patches of filter_h * filter_w * in_c bytes, unless the window is a single pixel at stride 1.
inline bool needs_patches(const Window& w) {
  return w.filter_h != 1 || w.filter_w != 1 || w.stride_h != 1 || w.stride_w != 1 || w.pad_h || w.pad_w;
}

bool check_conv2d(const OpContext& op);
void run_conv2d(const OpContext& op);

}  // namespace assay::engine::reference
