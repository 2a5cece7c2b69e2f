// The memory of a program that a probe writes inputs to and reads outputs from: a variable, or a part of one.
#pragma once

#include <string>

#include "probe/debug_info.h"

namespace assay::probe {

struct Buffer {
  std::string asked;  // as the user named it
  uint32_t address = 0;
  uint32_t bytes = 0;
  std::string type;           // of an element, as Variable::type; empty: unknown
  std::vector<int64_t> dims;  // of a whole variable, as Variable::dims
};

enum class BufferUse { kInput, kOutput };

// `asked`: "features", or "arena[1024:490]": 490 bytes of arena from byte 1024 on. Codes: those of
// DebugInfo::find_variable; probe.bad_place: not of that form, outside of the variable, of unknown size, or
// an input that is constant.
Result<Buffer> find_buffer(const DebugInfo& info, const std::string& asked, BufferUse use);

}  // namespace assay::probe
