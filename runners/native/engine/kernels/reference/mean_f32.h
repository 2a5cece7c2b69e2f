// MEAN float32 over height and width: [pixels][channels] -> [channels].
#pragma once

#include "../kernel.h"

namespace assay::engine::reference {

struct MeanF32Parameters {
  uint32_t pixels;
  uint32_t channels;
};

bool check_mean_f32(const OpContext& op);
void run_mean_f32(const OpContext& op);

}  // namespace assay::engine::reference
