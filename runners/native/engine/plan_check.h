// Whether a plan may be executed: every offset, count, shape and kernel parameter, once, before the first
// run.
#pragma once

#include "engine.h"
#include "plan.h"

namespace assay::engine {

// A corrupted plan, even one whose checksum was put right, is refused here or runs inside plan and arena.
Status check_plan(const uint8_t* plan, size_t plan_bytes, uint8_t* arena, size_t arena_bytes);

}  // namespace assay::engine
