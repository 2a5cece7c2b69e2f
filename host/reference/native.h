// R2: the engine that the device runs, built for this computer, on the plan bytes that the device has.
//
// The optimised kernels that a plan names are replaced by their portable twins, so that a difference between
// R2 and the device is a fault of the port, the compiler or the hardware, never of the arithmetic.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/deadline.h"
#include "reference/reference.h"

namespace assay::reference {

// `inputs`: rows in the type of the plan's input 0. Of several outputs the result holds output 0.
// reference.shape when the inputs do not fit; reference.worker_timeout at the deadline; model.bad_plan;
// base.interrupted.
Result<ReferenceOutputs> run_native(std::span<const uint8_t> plan, const TensorRows& inputs,
                                    const std::function<void(int64_t done, int64_t total)>& progress,
                                    Deadline deadline);

}  // namespace assay::reference
