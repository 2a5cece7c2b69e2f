// What the stock agent can do, where the host must know it before it asks.
#pragma once

#include <cstddef>

namespace assay::run {

// Outputs of a plan, the model's own included: kMaxTensors of runners/native/native_runner.h; a test
// compares.
inline constexpr size_t kAgentOutputs = 4;

}  // namespace assay::run
