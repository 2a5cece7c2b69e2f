// SOFTMAX float32 over the last dimension.
#pragma once

#include "../kernel.h"

namespace assay::engine::reference {

struct SoftmaxF32Parameters {
  uint32_t rows;
  uint32_t depth;
  float beta;
};

bool check_softmax_f32(const OpContext& op);
void run_softmax_f32(const OpContext& op);

}  // namespace assay::engine::reference
