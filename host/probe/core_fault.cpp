#include "probe/core_fault.h"

#include <fmt/format.h>

namespace assay::probe {
namespace {

constexpr uint32_t kCfsr = 0xE000ED28, kHfsr = 0xE000ED2C, kMmfar = 0xE000ED34, kBfar = 0xE000ED38;
constexpr uint32_t kFpContext = 0xE000EF34, kLazyActive = 1;  // FPCCR.LSPACT
constexpr uint32_t kProcessStack = 1u << 2, kBasicFrame = 1u << 4;
constexpr uint32_t kToThreadMain = 0xFFFFFFF9, kToThreadProcess = 0xFFFFFFFD;
constexpr uint32_t kFramePc = 24;  // bytes from the frame's start
constexpr auto kReturnLimit = std::chrono::milliseconds(500);

struct Cause {
  uint32_t bit;
  const char* words;
  uint32_t address;  // register that holds where; 0: none
};
// Bits of the Configurable Fault Status Register, Armv7-M.
constexpr Cause kCauses[] = {
    {1u << 0, "code where no code may be", 0},
    {1u << 1, "a data access that the memory protection forbids", kMmfar},
    {1u << 3, "the memory protection forbids the stack of an exception return", 0},
    {1u << 4, "the memory protection forbids the stack: it overflowed", 0},
    {1u << 8, "no memory where code should be", 0},
    {1u << 9, "a data access where nothing is", kBfar},
    {1u << 10, "a data access where nothing is (imprecise: a few instructions earlier)", 0},
    {1u << 11, "a stack pointer to no memory at an exception return", 0},
    {1u << 12, "a stack pointer to no memory: it overflowed", 0},
    {1u << 16, "an undefined instruction", 0},
    {1u << 17, "a branch to an address without the Thumb bit", 0},
    {1u << 18, "a return from an exception that was none", 0},
    {1u << 19, "an FPU instruction while the FPU is off", 0},
    {1u << 24, "an unaligned access", 0},
    {1u << 25, "a division by zero", 0},
};

}  // namespace

Result<std::string> describe_fault(CoreControl& core, const DebugInfo& info) {
  ASSAY_TRY(const uint32_t lr, core.read(CoreRegister::kLr));
  ASSAY_TRY(const uint32_t sp, core.read(lr & kProcessStack ? CoreRegister::kPsp : CoreRegister::kMsp));
  // A pointer to nowhere is a cause, not a reason to say nothing.
  const auto pc = core.word(sp + kFramePc);
  const std::string where = pc ? info.where(*pc & ~1u).text : "an unknown place";
  ASSAY_TRY(const uint32_t status, core.word(kCfsr));
  std::string cause = status == 0 ? "no cause is recorded" : fmt::format("CFSR 0x{:08x}", status);
  for (const Cause& one : kCauses) {
    if (!(status & one.bit)) continue;
    cause = one.words;
    if (one.address == 0) break;
    ASSAY_TRY(const uint32_t at, core.word(one.address));
    cause += fmt::format(", 0x{:08x}", at);
    break;
  }
  return fmt::format("HardFault in {}: {}", where, cause);
}

Result<bool> leave_exception(CoreControl& core, uint32_t landing, uint32_t scratch, uint32_t return_code,
                             bool on_process_stack) {
  const uint32_t frame = (scratch + 7) & ~7u;
  const uint32_t words[] = {0, 0, 0, 0, 0, 0, landing & ~1u, kThumbState};
  std::vector<uint8_t> bytes;
  for (const uint32_t word : words) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(word >> (8 * i)));
  }
  ASSAY_CHECK(core.memory().store(frame, bytes));
  ASSAY_TRY(const uint32_t lazy, core.word(kFpContext));
  if (lazy & kLazyActive) ASSAY_CHECK(core.set_word(kFpContext, lazy & ~kLazyActive));
  // Write-one-to-clear; the next fault must not carry the causes of this one.
  for (const uint32_t status : {kCfsr, kHfsr}) {
    ASSAY_TRY(const uint32_t bits, core.word(status));
    ASSAY_CHECK(core.set_word(status, bits));
  }
  ASSAY_CHECK(
      core.write({{CoreRegister::kLr, (on_process_stack ? kToThreadProcess : kToThreadMain) | kBasicFrame},
                  {CoreRegister::kPc, return_code & ~1u},
                  {on_process_stack ? CoreRegister::kPsp : CoreRegister::kMsp, frame}}));
  ASSAY_CHECK(core.run());
  ASSAY_TRY(const bool halted, core.wait_halted(Deadline::in(kReturnLimit)));
  if (!halted) {
    ASSAY_CHECK(core.halt());
    return false;
  }
  ASSAY_TRY(const uint32_t pc, core.read(CoreRegister::kPc));
  ASSAY_TRY(const uint32_t xpsr, core.read(CoreRegister::kXpsr));
  return (pc & ~1u) == (landing & ~1u) && (xpsr & kExceptionMask) == 0;
}

}  // namespace assay::probe
