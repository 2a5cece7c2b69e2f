// DEPTHWISE_CONV_2D int8. Weights lie as in the model: [filter_h][filter_w][out_c]; out_c = in_c * depth
// multiplier.
#pragma once

#include "channel.h"
#include "window.h"

namespace assay::engine::reference {

struct DepthwiseParameters {
  Window window;
  OutputRange range;
  int16_t input_zero_point;
  uint16_t depth_multiplier;
  uint32_t channels;  // Channel[out_c]; offsets from these parameters
  uint32_t weights;   // int8[filter_h * filter_w][out_c]
};

bool check_depthwise_conv2d(const OpContext& op);
void run_depthwise_conv2d(const OpContext& op);

}  // namespace assay::engine::reference
