// SOFTMAX int8 -> int8 (scale 1/256, zero point -128) over the last dimension, in Q5.26 fixed point.
#pragma once

#include "../kernel.h"

namespace assay::engine::reference {

struct SoftmaxParameters {
  uint32_t rows;
  uint32_t depth;
  int32_t multiplier;  // beta * input scale in Q5.26 = difference * 2^shift * multiplier / 2^31
  int32_t shift;       // 0..30
  int32_t smallest;    // differences below this count as probability 0; <= 0
};

bool check_softmax(const OpContext& op);
void run_softmax(const OpContext& op);

}  // namespace assay::engine::reference
