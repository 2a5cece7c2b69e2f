#include "probe/core_control.h"

#include <fmt/format.h>

#include <thread>

#include "base/interrupt.h"

namespace assay::probe {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t kDhcsr = 0xE000EDF0, kDcrsr = 0xE000EDF4, kDcrdr = 0xE000EDF8;
constexpr uint32_t kKey = 0xA05F0000, kDebugEnable = 1, kHaltRequest = 2;
constexpr uint32_t kRegisterReady = 1u << 16, kIsHalted = 1u << 17;
constexpr uint32_t kRegisterWrites = 1u << 16;
constexpr uint32_t kFpControl = 0xE0002000, kFpComparator = 0xE0002008;
constexpr uint32_t kFpKey = 2, kFpEnable = 1;
constexpr uint32_t kCodeSpaceEnd = 0x20000000;
constexpr uint32_t kCoprocessors = 0xE000ED88, kFpuOn = 0xF << 20;

constexpr auto kHaltLimit = 2s;
constexpr auto kLookEvery = 20ms;
constexpr auto kEagerFor = 50ms;  // then a wait leaves the processor to others
constexpr auto kPause = 2ms;
constexpr int kTransferTries = 3;

WordAccess get(uint32_t address) { return {address, false, 0}; }
WordAccess put(uint32_t address, uint32_t value) { return {address, true, value}; }

uint32_t selector(CoreRegister which) { return static_cast<uint32_t>(which); }

}  // namespace

Result<CoreControl> CoreControl::take(LiveMemory& memory) {
  CoreControl core(memory);
  ASSAY_TRY(const uint32_t unit, core.word(kFpControl));
  core.comparators_ = (unit >> 4 & 0xF) | (unit >> 8 & 0x70);
  core.code_space_only_ = unit >> 28 == 0;
  ASSAY_CHECK(core.halt());
  core.used_ = core.comparators_;
  ASSAY_CHECK(core.set_breakpoints({}));
  return core;
}

Result<uint32_t> CoreControl::word(uint32_t address) {
  const WordAccess one[] = {get(address)};
  ASSAY_TRY(const auto values, memory_->access(one));
  return values.at(0);
}

Status CoreControl::set_word(uint32_t address, uint32_t value) {
  const WordAccess one[] = {put(address, value)};
  ASSAY_CHECK(memory_->access(one));
  return {};
}

Status CoreControl::halt() {
  ASSAY_CHECK(set_word(kDhcsr, kKey | kDebugEnable | kHaltRequest));
  for (const auto deadline = Deadline::in(kHaltLimit);;) {
    ASSAY_TRY(const uint32_t status, word(kDhcsr));
    if (status & kIsHalted) return {};
    if (deadline.passed())
      return fail("probe.no_target", fmt::format("the core does not halt: DHCSR is 0x{:08x}", status));
  }
}

Status CoreControl::set_breakpoints(std::span<const uint32_t> addresses) {
  if (addresses.size() > comparators_) {
    return fail("probe.no_breakpoint",
                fmt::format("{} breakpoints are needed, the core has {}", addresses.size(), comparators_));
  }
  std::vector<WordAccess> accesses;
  for (uint32_t i = 0; i < addresses.size(); ++i) {
    const uint32_t at = addresses[i] & ~1u;
    if (code_space_only_ && at >= kCodeSpaceEnd) {
      return fail("probe.no_breakpoint",
                  fmt::format("this core's breakpoints reach to 0x1fffffff, not to code at 0x{:08x}", at));
    }
    const uint32_t halves = at & 2 ? 2u << 30 : 1u << 30;
    accesses.push_back(put(kFpComparator + 4 * i, code_space_only_ ? (at & ~3u) | halves | 1 : at | 1));
  }
  for (uint32_t i = static_cast<uint32_t>(addresses.size()); i < used_; ++i)
    accesses.push_back(put(kFpComparator + 4 * i, 0));
  used_ = static_cast<uint32_t>(addresses.size());
  accesses.push_back(put(kFpControl, kFpKey | kFpEnable));
  ASSAY_CHECK(memory_->access(accesses));
  return {};
}

Result<uint32_t> CoreControl::run(uint32_t last) {
  std::vector<WordAccess> accesses;
  if (last != 0) accesses.push_back(get(last));
  accesses.push_back(put(kDhcsr, kKey | kDebugEnable));
  ASSAY_TRY(const auto values, memory_->access(accesses));
  return values.empty() ? 0 : values[0];
}

Result<bool> CoreControl::wait_halted(Deadline deadline, const std::function<Status()>& looked) {
  const auto eager = Deadline::in(kEagerFor);
  auto next_look = Deadline::in(kLookEvery);
  for (;;) {
    ASSAY_TRY(const uint32_t status, word(kDhcsr));
    if (status & kIsHalted) return true;
    if (deadline.passed()) return false;
    if (interrupted()) return fail(interruption());
    if (looked && next_look.passed()) {
      ASSAY_CHECK(looked());
      next_look = Deadline::in(kLookEvery);
    }
    if (eager.passed()) std::this_thread::sleep_for(kPause);
  }
}

Result<RegisterValues> CoreControl::read(std::span<const CoreRegister> which) {
  RegisterValues out;
  for (int attempt = 0;; ++attempt) {
    std::vector<WordAccess> accesses;
    for (const CoreRegister one : which) {
      accesses.push_back(put(kDcrsr, selector(one)));
      accesses.push_back(get(kDhcsr));
      accesses.push_back(get(kDcrdr));
    }
    ASSAY_TRY(const auto values, memory_->access(accesses));
    bool ready = true;
    for (size_t i = 0; i < which.size(); ++i) {
      ready = ready && (values[2 * i] & kRegisterReady) && (values[2 * i] & kIsHalted);
      out[which[i]] = values[2 * i + 1];
    }
    if (ready) return out;
    if (attempt + 1 == kTransferTries)
      return fail("probe.no_target", "the core's registers cannot be read: it is not halted, or too slow");
  }
}

Result<uint32_t> CoreControl::read(CoreRegister which) {
  const CoreRegister one[] = {which};
  ASSAY_TRY(const RegisterValues values, read(one));
  return values.at(which);
}

Status CoreControl::write(const RegisterValues& values) {
  for (int attempt = 0;; ++attempt) {
    std::vector<WordAccess> accesses;
    for (const auto& [which, value] : values) {
      accesses.push_back(put(kDcrdr, value));
      accesses.push_back(put(kDcrsr, selector(which) | kRegisterWrites));
      accesses.push_back(get(kDhcsr));
    }
    ASSAY_TRY(const auto status, memory_->access(accesses));
    bool ready = true;
    for (const uint32_t one : status) ready = ready && (one & kRegisterReady) && (one & kIsHalted);
    if (ready) return {};
    if (attempt + 1 == kTransferTries)
      return fail("probe.no_target", "the core's registers cannot be written: it is not halted, or too slow");
  }
}

Result<RegisterValues> CoreControl::read_all() {
  std::vector<CoreRegister> which;
  for (uint8_t i = 0; i <= selector(CoreRegister::kPsp); ++i) which.push_back(static_cast<CoreRegister>(i));
  which.push_back(CoreRegister::kMasks);
  ASSAY_TRY(const uint32_t coprocessors, word(kCoprocessors));
  if (coprocessors & kFpuOn) {
    which.push_back(CoreRegister::kFpscr);
    for (uint8_t i = 0; i < 32; ++i)
      which.push_back(static_cast<CoreRegister>(selector(CoreRegister::kS0) + i));
  }
  return read(which);
}

}  // namespace assay::probe
