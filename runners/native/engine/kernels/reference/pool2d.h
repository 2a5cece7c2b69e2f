// AVERAGE_POOL_2D and MAX_POOL_2D int8: input and output share one scale, cells outside the image do not
// count.
#pragma once

#include "channel.h"
#include "window.h"

namespace assay::engine::reference {

struct PoolParameters {
  Window window;
  OutputRange range;  // only low and high count
};

bool check_pool2d(const OpContext& op);
void run_average_pool2d(const OpContext& op);
void run_max_pool2d(const OpContext& op);

}  // namespace assay::engine::reference
