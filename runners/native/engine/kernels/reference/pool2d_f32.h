// AVERAGE_POOL_2D and MAX_POOL_2D float32. Cells outside the image do not count.
#pragma once

#include "float32.h"
#include "window.h"

namespace assay::engine::reference {

struct PoolF32Parameters {
  Window window;
  FloatRange range;
};

bool check_pool2d_f32(const OpContext& op);
void run_average_pool2d_f32(const OpContext& op);
void run_max_pool2d_f32(const OpContext& op);

}  // namespace assay::engine::reference
