// CONV_2D float32 and, as a 1x1 convolution over its rows, FULLY_CONNECTED.
//
// Weights lie in groups of four output channels, interleaved: weights[group][tap][channel of 4], tap = (row,
// column, input channel); the last group is filled up with zeros. Taps outside the image are left out. No
// scratch.
#pragma once

#include "float32.h"
#include "window.h"

namespace assay::engine::reference {

struct Conv2dF32Parameters {
  Window window;
  FloatRange range;
  uint32_t bias;     // float[out_c rounded up to 4]; offsets from these parameters
  uint32_t weights;  // float[out_c rounded up to 4][filter_h * filter_w * in_c]
};

bool check_conv2d_f32(const OpContext& op);
void run_conv2d_f32(const OpContext& op);

}  // namespace assay::engine::reference
