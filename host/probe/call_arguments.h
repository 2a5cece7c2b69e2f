// What a function is called with: the registers r0 to r3 by the procedure call standard of Arm (AAPCS32).
//
// Where the application stands at the function's own entry, it has filled them itself: handles, lengths and
// flags stay as they are. Pointers that can only be the named buffers get their addresses.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "probe/buffer.h"

namespace assay::probe {

struct CallArguments {
  std::array<uint32_t, 4> registers{};
  std::string words;  // for reports: "in = features, out = scores", "none", "as the application passed them"
};

// `passed`: r0 to r3 where the application stands at the function's entry; nullopt: it stands elsewhere.
// probe.bad_signature: a parameter is neither a buffer nor passed by the application.
Result<CallArguments> call_arguments(const Function& function, const std::vector<Buffer>& inputs,
                                     const std::vector<Buffer>& outputs,
                                     std::optional<std::array<uint32_t, 4>> passed);

}  // namespace assay::probe
