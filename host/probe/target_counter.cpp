#include "probe/target_counter.h"

#include <fmt/format.h>

namespace assay::probe {
namespace {

constexpr uint32_t kDemcr = 0xE000EDFC, kTraceEnable = 1u << 24;
constexpr uint32_t kDwtControl = 0xE0001000, kCycleEnable = 1, kNoCycleCounter = 1u << 25;
constexpr uint32_t kDwtCycles = 0xE0001004;

// False where the core has none: Armv6-M, Armv8-M Baseline, an emulator.
Result<bool> switch_on_cycle_counter(CoreControl& core) {
  ASSAY_TRY(const uint32_t demcr, core.word(kDemcr));
  ASSAY_CHECK(core.set_word(kDemcr, demcr | kTraceEnable));
  ASSAY_TRY(const uint32_t control, core.word(kDwtControl));
  if (control == 0 || (control & kNoCycleCounter)) return false;
  ASSAY_CHECK(core.set_word(kDwtControl, control | kCycleEnable));
  ASSAY_TRY(const uint32_t now, core.word(kDwtControl));
  return (now & kCycleEnable) != 0;
}

}  // namespace

Result<std::optional<TargetCounter>> TargetCounter::find(const config::Board& board, CoreControl& core) {
  TargetCounter counter;
  if (board.clock().counter_address() != 0) {
    counter.address_ = static_cast<uint32_t>(board.clock().counter_address());
    counter.name_ = fmt::format("counter at 0x{:08x}", counter.address_);
    return std::optional(counter);
  }
  if (board.clock().kind() != "cycles") return std::optional<TargetCounter>();
  ASSAY_TRY(const bool counts, switch_on_cycle_counter(core));
  if (!counts) return std::optional<TargetCounter>();
  counter.address_ = kDwtCycles;
  counter.name_ = "DWT cycle counter";
  return std::optional(counter);
}

void TargetCounter::begin(uint32_t raw) {
  last_ = raw;
  ticks_ = 0;
}

Status TargetCounter::look(CoreControl& core) {
  ASSAY_TRY(const uint32_t now, core.word(address_));
  ticks_ += static_cast<uint32_t>(now - last_);
  last_ = now;
  return {};
}

Result<int64_t> TargetCounter::end(CoreControl& core) {
  ASSAY_CHECK(look(core));
  return ticks_;
}

}  // namespace assay::probe
