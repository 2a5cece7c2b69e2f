// Halt, run, step and reset of one core, with the status bits that a debugger reads (DHCSR, DFSR).
//
// States: halted (by the debugger), running, locked up (no valid vectors: the emulator would abort, so it is
// not started), in reset (nRST held). Points are applied lazily: the wanted set is compared with the
// emulator's just before the processor runs, so a debugger's setting and clearing costs nothing.
#pragma once

#include <functional>
#include <set>

#include "vboard/injection.h"
#include "vboard/points.h"
#include "vboard/target.h"

namespace assay::vboard {

class RunControl {
 public:
  enum class State { kHalted, kRunning, kLockup, kInReset };

  RunControl(Target& target, Bus& bus, const MemoryMap& map, Points& points)
      : target_(target), map_(map), points_(points), injection_(target, bus, map) {}

  // Debug Halting Control and Status; reading clears the sticky bits.
  Result<uint32_t> read_dhcsr();
  Status write_dhcsr(uint32_t value);
  uint32_t dfsr() const { return dfsr_; }
  void clear_dfsr(uint32_t bits) { dfsr_ &= ~bits; }
  void set_vector_catch(bool on) { vector_catch_ = on; }

  // System reset; the core then halts (vector catch) or runs.
  Status reset();
  // nRST low holds the core without a clock; high resets and releases it.
  Status set_reset_line(bool low);
  // The firmware reset the system by itself.
  Status note_guest_reset();
  // Takes over a stop that the emulator reported, or reports until `patience` has passed.
  Status poll(std::chrono::milliseconds patience = std::chrono::milliseconds(0));
  // Runs `body` while the processor is stopped, unseen by the debugger.
  Status while_stopped(const std::function<Status()>& body);
  // After Points changed.
  Status points_changed();

  State state() const { return state_; }
  Injection& injection() { return injection_; }
  // Counts everything that may change registers: caches compare it.
  uint64_t epoch() const { return epoch_; }

 private:
  Status halt();
  Status resume();
  Status step(bool masked);
  Status stopped(const Stop& stop);
  Status finish_watch(uint32_t address);
  Result<Stop> force_stop();
  Status enter_halt(uint32_t reason);
  Status leave_reset();
  Status apply(const std::set<Point>& wanted);
  std::set<Point> wanted() const;
  Result<bool> executable();

  Target& target_;
  const MemoryMap& map_;
  Points& points_;
  Injection injection_;
  State state_ = State::kLockup;
  uint32_t control_ = 0;  // C_DEBUGEN, C_HALT, C_STEP, C_MASKINTS
  uint32_t dfsr_ = 0;
  bool vector_catch_ = false;
  bool reset_seen_ = false;
  bool retired_ = false;
  uint64_t epoch_ = 0;
  std::set<Point> applied_;
};

}  // namespace assay::vboard
