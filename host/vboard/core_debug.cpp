#include "vboard/core_debug.h"

#include <algorithm>

namespace assay::vboard {
namespace {

constexpr uint32_t kAircrKey = 0x05FA0000, kKeyMask = 0xFFFF0000;
constexpr uint32_t kSysResetRequest = 4, kVectReset = 1;
constexpr uint32_t kTransferWrites = 1u << 16, kSelectorMask = 0x7F;
constexpr uint32_t kCatchReset = 1;
// Four comparators; no trace, no cycle counter, no profiling counters: QEMU has none.
constexpr uint32_t kDwtControl = 0x4F000000;
constexpr uint32_t kAsleepPc = 0xFFFFFFFF;

}  // namespace

// What each register does, by address. Read and write are called with the offset from `first`.
struct DebugRegisters {
  struct Row {
    uint32_t first, last;  // word addresses, inclusive
    Result<uint32_t> (*read)(CoreDebug&, uint32_t offset);
    Status (*write)(CoreDebug&, uint32_t offset, uint32_t value);
  };

  static Result<uint32_t> zero(CoreDebug&, uint32_t) { return 0; }
  static Status ignore(CoreDebug&, uint32_t, uint32_t) { return {}; }

  static Result<uint32_t> dhcsr(CoreDebug& core, uint32_t) { return core.run_.read_dhcsr(); }
  static Status set_dhcsr(CoreDebug& core, uint32_t, uint32_t value) { return core.run_.write_dhcsr(value); }
  static Status set_dcrsr(CoreDebug& core, uint32_t, uint32_t value) { return core.transfer_register(value); }
  static Result<uint32_t> dcrdr(CoreDebug& core, uint32_t) { return core.dcrdr_; }
  static Status set_dcrdr(CoreDebug& core, uint32_t, uint32_t value) {
    core.dcrdr_ = value;
    return {};
  }
  static Result<uint32_t> demcr(CoreDebug& core, uint32_t) { return core.demcr_; }
  static Status set_demcr(CoreDebug& core, uint32_t, uint32_t value) {
    core.demcr_ = value;
    core.run_.set_vector_catch(value & kCatchReset);
    return {};
  }
  static Result<uint32_t> dfsr(CoreDebug& core, uint32_t) {
    ASSAY_CHECK(core.run_.poll());
    return core.run_.dfsr();
  }
  static Status set_dfsr(CoreDebug& core, uint32_t, uint32_t value) {
    core.run_.clear_dfsr(value);
    return {};
  }
  static Result<uint32_t> aircr(CoreDebug&, uint32_t) { return 0xFA050000; }
  static Status set_aircr(CoreDebug& core, uint32_t, uint32_t value) {
    const bool resets = (value & kKeyMask) == kAircrKey && (value & (kSysResetRequest | kVectReset));
    return resets ? core.run_.reset() : Status{};
  }
  static Result<uint32_t> fpb(CoreDebug& core, uint32_t offset) {
    return core.points_.read_breakpoint_unit(offset);
  }
  static Status set_fpb(CoreDebug& core, uint32_t offset, uint32_t value) {
    core.points_.write_breakpoint_unit(offset, value);
    return core.run_.points_changed();
  }
  static Result<uint32_t> dwt(CoreDebug& core, uint32_t offset) {
    return core.points_.read_watchpoint_unit(offset);
  }
  static Status set_dwt(CoreDebug& core, uint32_t offset, uint32_t value) {
    core.points_.write_watchpoint_unit(offset, value);
    return core.run_.points_changed();
  }
  static Result<uint32_t> dwt_control(CoreDebug&, uint32_t) { return kDwtControl; }
  static Result<uint32_t> pc_sample(CoreDebug& core, uint32_t) { return core.sample_pc(); }
  // Entries point to SCS, DWT, FPB, ITM and TPIU (offset from the table, bit 0 present, bit 1 32 bits).
  static Result<uint32_t> rom_entry(CoreDebug&, uint32_t offset) {
    constexpr uint32_t kEntries[] = {0xFFF0F003, 0xFFF02003, 0xFFF03003, 0xFFF01003, 0xFFF41003, 0};
    return offset / 4 < std::size(kEntries) ? kEntries[offset / 4] : 0;
  }
  // PIDR4, reserved, PIDR0-3, CIDR0-3 at 0xFD0: Arm, Cortex-M4 ROM table.
  static Result<uint32_t> rom_identity(CoreDebug&, uint32_t offset) {
    constexpr uint32_t kIdentity[] = {0x04, 0, 0, 0, 0xC4, 0xB4, 0x0B, 0x00, 0x0D, 0x10, 0x05, 0xB1};
    return kIdentity[offset / 4];
  }

  static constexpr size_t kRows = 14;
  static const Row kTable[kRows];
  static const Row* find(uint32_t address) {
    const auto* row = std::find_if(std::begin(kTable), std::end(kTable),
                                   [&](const Row& r) { return address >= r.first && address <= r.last; });
    return row == std::end(kTable) ? nullptr : row;
  }
};

const DebugRegisters::Row DebugRegisters::kTable[] = {
    {0xE0001000, 0xE0001000, dwt_control, ignore},  // DWT_CTRL
    {0xE0001004, 0xE0001018, zero, ignore},         // DWT counters
    {0xE000101C, 0xE000101C, pc_sample, ignore},    // DWT_PCSR
    {0xE0001020, 0xE000105C, dwt, set_dwt},         // DWT_COMPn, MASKn, FUNCTIONn
    {0xE0001FBC, 0xE0001FBC, zero, ignore},         // DWT_DEVARCH: Armv7-M has none
    {0xE0002000, 0xE0002024, fpb, set_fpb},         // FP_CTRL, FP_REMAP, FP_COMPn
    {0xE000ED0C, 0xE000ED0C, aircr, set_aircr},    {0xE000ED30, 0xE000ED30, dfsr, set_dfsr},
    {0xE000EDF0, 0xE000EDF0, dhcsr, set_dhcsr},    {0xE000EDF4, 0xE000EDF4, zero, set_dcrsr},
    {0xE000EDF8, 0xE000EDF8, dcrdr, set_dcrdr},    {0xE000EDFC, 0xE000EDFC, demcr, set_demcr},
    {0xE00FF000, 0xE00FFFCC, rom_entry, ignore},   {0xE00FFFD0, 0xE00FFFFC, rom_identity, ignore},
};

bool CoreDebug::owns(uint32_t address) { return DebugRegisters::find(address) != nullptr; }

Result<uint32_t> CoreDebug::read(uint32_t address) {
  const auto* row = DebugRegisters::find(address);
  return row ? row->read(*this, address - row->first) : Result<uint32_t>(0u);
}

Status CoreDebug::write(uint32_t address, uint32_t value) {
  const auto* row = DebugRegisters::find(address);
  return row ? row->write(*this, address - row->first, value) : Status{};
}

Status CoreDebug::transfer_register(uint32_t selector) {
  ASSAY_CHECK(run_.poll());
  if (run_.state() != RunControl::State::kHalted) return {};
  if (selector & kTransferWrites) return registers_.write(selector & kSelectorMask, dcrdr_);
  ASSAY_TRY(dcrdr_, registers_.read(selector & kSelectorMask));
  return {};
}

Result<uint32_t> CoreDebug::sample_pc() {
  if (run_.state() != RunControl::State::kRunning) return kAsleepPc;
  uint32_t pc = kAsleepPc;
  ASSAY_CHECK(run_.while_stopped([&]() -> Status {
    ASSAY_TRY(const uint64_t value, target_.read_register(kRegisterPc));
    pc = static_cast<uint32_t>(value);
    return {};
  }));
  return pc;
}

void CoreDebug::note_memory_write(uint32_t address, std::span<const uint8_t> bytes) {
  points_.note_write(address, bytes);
}

}  // namespace assay::vboard
