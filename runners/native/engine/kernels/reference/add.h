// ADD int8, element by element: both inputs are brought to a common scale with 20 fractional bits, then
// added.
#pragma once

#include "../kernel.h"
#include "channel.h"

namespace assay::engine::reference {

constexpr int32_t kAddLeftShift = 20;

struct AddParameters {
  Channel inputs[2];  // bias = -zero point of that input; shift <= 0
  Channel sum;        // bias 0
  OutputRange range;
};

bool check_add(const OpContext& op);
void run_add(const OpContext& op);

}  // namespace assay::engine::reference
