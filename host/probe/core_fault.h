// A core that stands in the handler of a fault: what happened, and how it gets out again.
#pragma once

#include <string>

#include "probe/core_control.h"
#include "probe/debug_info.h"

namespace assay::probe {

// "HardFault in invoke (app.c:9): precise data bus error at 0x90000000". The core stands at the handler's
// entry.
Result<std::string> describe_fault(CoreControl& core, const DebugInfo& info);

// Leaves the active exception by an exception return to `landing` in thread mode, so that the core counts it
// as served. `scratch`: 64 bytes of stack that may be overwritten; `return_code`: the address of a "bx lr".
// False: the core did not arrive at `landing`, where a breakpoint must be.
Result<bool> leave_exception(CoreControl& core, uint32_t landing, uint32_t scratch, uint32_t return_code,
                             bool on_process_stack);

}  // namespace assay::probe
