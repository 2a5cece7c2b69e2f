#include "vboard/injection.h"

#include <vector>

namespace assay::vboard {
namespace {

constexpr auto kStepLimit = std::chrono::milliseconds(500);
constexpr uint32_t kThumb = 1u << 24;
constexpr uint32_t kItBits = 0x0600FC00;  // ICI/IT: a conditional block would skip the injected code
constexpr uint32_t kIcsr = 0xE000ED04, kPendSvSet = 1u << 28, kPendSvClear = 1u << 27;

void append_halfword(std::vector<uint8_t>& code, uint32_t halfword) {
  code.push_back(static_cast<uint8_t>(halfword));
  code.push_back(static_cast<uint8_t>(halfword >> 8));
}

}  // namespace

Result<bool> Injection::possible() {
  ASSAY_TRY(const uint64_t pc, target_.read_register(kRegisterPc));
  return map_.is_memory(static_cast<uint32_t>(pc), 4);
}

Status Injection::step() {
  ASSAY_CHECK(target_.drive(Motion::kStepMasked));
  ASSAY_TRY(auto stop, target_.wait_stop(kStepLimit));
  if (stop) return {};
  ASSAY_CHECK(target_.drive(Motion::kInterrupt));
  ASSAY_CHECK(target_.wait_stop(kStepLimit));
  return fail("vboard.qemu_silent", "the processor did not execute an injected instruction");
}

Status Injection::with_code(std::span<const uint8_t> code, const std::function<Status()>& body) {
  ASSAY_TRY(const uint64_t pc64, target_.read_register(kRegisterPc));
  ASSAY_TRY(const uint64_t xpsr, target_.read_register(kRegisterXpsr));
  ASSAY_TRY(const uint64_t r0, target_.read_register(0));
  const auto pc = static_cast<uint32_t>(pc64);
  if (!map_.is_memory(pc, static_cast<uint32_t>(code.size()))) {
    return fail("vboard.qemu_silent", "no memory at pc for an injected instruction");
  }
  std::vector<uint8_t> saved(code.size());
  ASSAY_CHECK(bus_.read_memory(pc, saved));
  ASSAY_CHECK(bus_.write_memory(pc, code));
  ASSAY_CHECK(target_.write_register(kRegisterXpsr, (xpsr & ~uint64_t{kItBits}) | kThumb));
  const Status done = body();
  // Restored also when the body failed.
  ASSAY_CHECK(bus_.write_memory(pc, saved));
  ASSAY_CHECK(target_.write_register(0, r0));
  ASSAY_CHECK(target_.write_register(kRegisterPc, pc));
  ASSAY_CHECK(target_.write_register(kRegisterXpsr, xpsr));
  return done;
}

Status Injection::read(std::span<const SpecialRegister> registers, std::span<uint32_t> values) {
  std::vector<uint8_t> code;
  for (const auto which : registers) {  // MRS r0, which
    append_halfword(code, 0xF3EF);
    append_halfword(code, 0x8000u | static_cast<uint32_t>(which));
  }
  return with_code(code, [&]() -> Status {
    for (size_t i = 0; i < registers.size(); ++i) {
      ASSAY_CHECK(step());
      ASSAY_TRY(const uint64_t value, target_.read_register(0));
      values[i] = static_cast<uint32_t>(value);
    }
    return {};
  });
}

Status Injection::write(SpecialRegister which, uint32_t value) {
  std::vector<uint8_t> code;  // MSR which, r0
  append_halfword(code, 0xF380);
  append_halfword(code, 0x8800u | static_cast<uint32_t>(which));
  return with_code(code, [&]() -> Status {
    ASSAY_CHECK(target_.write_register(0, value));
    return step();
  });
}

Result<bool> Injection::asleep() {
  ASSAY_TRY(const uint64_t pc64, target_.read_register(kRegisterPc));
  const auto pc = static_cast<uint32_t>(pc64);
  if (pc < 4 || !map_.is_memory(pc - 4, 8)) return false;
  uint8_t code[4];
  ASSAY_CHECK(bus_.read_memory(pc - 4, code));
  const uint32_t before = code[0] | code[1] << 8, last = code[2] | code[3] << 8;
  const bool narrow = last == 0xBF30 || last == 0xBF20;  // WFI, WFE
  return narrow || (before == 0xF3AF && (last == 0x8003 || last == 0x8002));
}

Status Injection::wake() {
  ASSAY_TRY(const bool sleeps, asleep());
  if (!sleeps) return {};
  const uint8_t nop[] = {0x00, 0xBF};
  ASSAY_TRY(const uint32_t before, bus_.read_device(kIcsr, 4));
  ASSAY_CHECK(bus_.write_device(kIcsr, 4, kPendSvSet));
  const Status done = with_code(nop, [&] { return step(); });
  if (!(before & kPendSvSet)) ASSAY_CHECK(bus_.write_device(kIcsr, 4, kPendSvClear));
  return done;
}

}  // namespace assay::vboard
