// ADD float32, element by element.
#pragma once

#include "../kernel.h"
#include "float32.h"

namespace assay::engine::reference {

struct AddF32Parameters {
  FloatRange range;
};

bool check_add_f32(const OpContext& op);
void run_add_f32(const OpContext& op);

}  // namespace assay::engine::reference
