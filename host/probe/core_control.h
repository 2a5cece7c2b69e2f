// Halt, run, registers and breakpoints of an Arm M-profile core, through its debug registers (Armv6-M,
// Armv7-M, Armv8-M reference manuals: DHCSR, DCRSR, DCRDR, FPB or BPU). Needs nothing of a probe but memory
// accesses, so it works alike with every probe tool, and a call costs no more than it must.
//
// Not thread-safe. Codes: those of LiveMemory; probe.no_target: the core does not do what it was told.
#pragma once

#include <functional>
#include <map>

#include "base/deadline.h"
#include "probe/live_memory.h"

namespace assay::probe {

// Numbers are selectors of DCRSR.
enum class CoreRegister : uint8_t {
  kR0 = 0,
  kR1 = 1,
  kR2 = 2,
  kR3 = 3,
  kR12 = 12,
  kSp = 13,  // the stack pointer in use
  kLr = 14,
  kPc = 15,
  kXpsr = 16,
  kMsp = 17,
  kPsp = 18,
  kMasks = 20,  // CONTROL, FAULTMASK, BASEPRI, PRIMASK; highest byte first
  kFpscr = 33,
  kS0 = 64,  // to 95: S31
};
using RegisterValues = std::map<CoreRegister, uint32_t>;

inline constexpr uint32_t kThumbState = 1u << 24;  // of xPSR
inline constexpr uint32_t kExceptionMask = 0x1FF;  // IPSR in xPSR: 0 is thread mode
inline constexpr uint32_t kPrimask = 1;            // of kMasks

class CoreControl {
 public:
  // The core must be under debug (Probe::reset(kHalt) does that). Learns what breakpoint hardware there is.
  static Result<CoreControl> take(LiveMemory& memory);

  Status halt();
  // Exactly these addresses of code stop the core from now on; none: no breakpoints. probe.no_breakpoint.
  Status set_breakpoints(std::span<const uint32_t> addresses);
  // Sets the core going. `last`: one word to read just before (a counter); absent: 0 is returned.
  Result<uint32_t> run(uint32_t last = 0);
  // True when the core halted, false at the deadline. `looked` is called about every 20 ms while waiting; may
  // be empty. base.interrupted.
  Result<bool> wait_halted(Deadline deadline, const std::function<Status()>& looked = {});

  // Only while halted.
  Result<RegisterValues> read(std::span<const CoreRegister> which);
  Result<uint32_t> read(CoreRegister which);
  Status write(const RegisterValues& values);
  // The core registers, and those of the FPU where it is on.
  Result<RegisterValues> read_all();

  LiveMemory& memory() { return *memory_; }
  Result<uint32_t> word(uint32_t address);
  Status set_word(uint32_t address, uint32_t value);

 private:
  explicit CoreControl(LiveMemory& memory) : memory_(&memory) {}

  LiveMemory* memory_;
  uint32_t comparators_ = 0;
  uint32_t used_ = 0;             // comparators that are set
  bool code_space_only_ = false;  // version 1 of the unit: breakpoints below 0x20000000
};

}  // namespace assay::probe
