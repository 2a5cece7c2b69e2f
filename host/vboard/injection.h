// Instructions that run at the processor's current place and leave no trace: how state is reached that
// QEMU 7.2's gdb server does not show (MSP, PSP, CONTROL, PRIMASK, BASEPRI, FAULTMASK), and how a sleeping
// core is woken.
//
// The code is put at pc, stepped with interrupts and timers off, and taken away again; pc and xPSR are
// restored. Limit: an unprivileged thread reads these registers as 0, as the architecture says.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "vboard/memory_map.h"
#include "vboard/target.h"

namespace assay::vboard {

// SYSm numbers of MRS and MSR.
enum class SpecialRegister : uint8_t {
  kMsp = 8,
  kPsp = 9,
  kPrimask = 16,
  kBasepri = 17,
  kFaultmask = 19,
  kControl = 20
};

class Injection {
 public:
  Injection(Target& target, Bus& bus, const MemoryMap& map) : target_(target), bus_(bus), map_(map) {}

  // Whether code can be put at pc now.
  Result<bool> possible();
  // Reads each of `registers` into `values` (same length).
  Status read(std::span<const SpecialRegister> registers, std::span<uint32_t> values);
  Status write(SpecialRegister which, uint32_t value);
  // A core that waits in WFI or WFE neither steps nor takes a new pc: QEMU would block. This ends the wait.
  Status wake();

 private:
  // Runs `body` with `code` at pc; restores code, r0, pc and xPSR.
  Status with_code(std::span<const uint8_t> code, const std::function<Status()>& body);
  Status step();
  Result<bool> asleep();

  Target& target_;
  Bus& bus_;
  const MemoryMap& map_;
};

}  // namespace assay::vboard
