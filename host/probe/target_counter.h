// How long the target ran between two halts: a counter that the probe reads.
//
// A board's [clock] names a memory-mapped one (an emulated board's count instructions that way); else the
// core's cycle counter (DWT CYCCNT of Armv7-M and Armv8-M Mainline) is switched on. Neither moves while the
// core is halted. 32-bit counters are extended by looking at them while the core runs: a call may last longer
// than one turn.
#pragma once

#include <optional>
#include <string>

#include "config/board.pb.h"
#include "probe/core_control.h"

namespace assay::probe {

class TargetCounter {
 public:
  // nullopt: the board has no counter that a probe could read.
  static Result<std::optional<TargetCounter>> find(const config::Board& board, CoreControl& core);

  uint32_t address() const { return address_; }
  const std::string& name() const { return name_; }  // "counter at 0x40028018", "DWT cycle counter"
  // `raw`: the counter just before the core was set going (CoreControl::run).
  void begin(uint32_t raw);
  Status look(CoreControl& core);
  // Raw ticks since begin(); the core is halted.
  Result<int64_t> end(CoreControl& core);

 private:
  uint32_t address_ = 0;
  std::string name_;
  uint32_t last_ = 0;
  int64_t ticks_ = 0;
};

}  // namespace assay::probe
