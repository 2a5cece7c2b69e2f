// RESHAPE: the planner gives input and output one place, so that nothing moves; else it copies.
#pragma once

#include "../kernel.h"

namespace assay::engine::reference {

bool check_reshape(const OpContext& op);
void run_reshape(const OpContext& op);

}  // namespace assay::engine::reference
