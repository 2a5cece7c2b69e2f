// The core's registers as a debugger selects them through DCRSR and DCRDR (Armv7-M, C1.6.3), mapped to gdb's
// numbers; special registers by injected instructions. Values are kept until the core may have changed them.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "vboard/run_control.h"

namespace assay::vboard {

class CoreRegisters {
 public:
  CoreRegisters(Target& target, RunControl& run) : target_(target), run_(run) {}

  // Only while halted. `selector`: REGSEL of DCRSR. Unknown selectors read 0 and ignore writes.
  Result<uint32_t> read(uint32_t selector);
  Status write(uint32_t selector, uint32_t value);

 private:
  static constexpr size_t kSpecials = 6;
  Result<uint64_t> gdb_read(int number);
  Status gdb_write(int number, uint64_t value);
  void forget_if_changed();
  Result<std::array<uint32_t, kSpecials>> specials();
  Status write_special(size_t index, uint32_t value);

  Target& target_;
  RunControl& run_;
  uint64_t epoch_ = 0;
  std::map<int, uint64_t> values_;
  std::optional<std::array<uint32_t, kSpecials>> specials_;
};

}  // namespace assay::vboard
