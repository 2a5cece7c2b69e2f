// QUANTIZE (float32 -> int8, int8 -> int8 of another scale) and DEQUANTIZE (int8 -> float32).
#pragma once

#include "../kernel.h"
#include "channel.h"

namespace assay::engine::reference {

struct QuantizeParameters {
  Channel channel;  // int8 input: bias = -input zero point
  OutputRange range;
  float scale;  // float side
  int32_t zero_point;
};

bool check_quantize(const OpContext& op);
void run_quantize(const OpContext& op);
bool check_dequantize(const OpContext& op);
void run_dequantize(const OpContext& op);

}  // namespace assay::engine::reference
