// DEPTHWISE_CONV_2D float32. Weights lie as in the model: [filter_h][filter_w][out_c]; out_c = in_c * depth
// multiplier. Taps outside the image are left out. No scratch.
#pragma once

#include "float32.h"
#include "window.h"

namespace assay::engine::reference {

struct DepthwiseF32Parameters {
  Window window;
  FloatRange range;
  uint32_t depth_multiplier;
  uint32_t bias;     // float[out_c]; offsets from these parameters
  uint32_t weights;  // float[filter_h * filter_w][out_c]
};

bool check_depthwise_conv2d_f32(const OpContext& op);
void run_depthwise_conv2d_f32(const OpContext& op);

}  // namespace assay::engine::reference
