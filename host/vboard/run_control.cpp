#include "vboard/run_control.h"

namespace assay::vboard {
namespace {

constexpr auto kStopLimit = std::chrono::milliseconds(500);
constexpr uint32_t kKey = 0xA05F0000, kKeyMask = 0xFFFF0000;
constexpr uint32_t kDebugEnable = 1, kHalt = 2, kStep = 4, kMaskInterrupts = 8, kControlBits = 0xF;
constexpr uint32_t kRegisterReady = 1u << 16, kIsHalted = 1u << 17, kIsLockedUp = 1u << 19,
                   kRetired = 1u << 24, kWasReset = 1u << 25;
constexpr uint32_t kReasonHalt = 1, kReasonBreakpoint = 2, kReasonWatchpoint = 4, kReasonVectorCatch = 8;
constexpr uint32_t kThumb = 1u << 24;

}  // namespace

Result<uint32_t> RunControl::read_dhcsr() {
  ASSAY_CHECK(poll());
  uint32_t value = control_ | kRegisterReady;
  if (state_ == State::kHalted) value |= kIsHalted;
  if (state_ == State::kLockup)
    value |= kIsLockedUp;  // while halted a debugger would try to clear it for ever
  if (state_ == State::kRunning || std::exchange(retired_, false)) value |= kRetired;
  if (state_ == State::kInReset ? reset_seen_ : std::exchange(reset_seen_, false)) value |= kWasReset;
  return value;
}

Status RunControl::write_dhcsr(uint32_t value) {
  if ((value & kKeyMask) != kKey) return {};
  ASSAY_CHECK(poll());
  control_ = value & kDebugEnable ? value & kControlBits : 0;
  if (state_ == State::kInReset) return {};
  const bool want_halt = control_ & kHalt;
  if (state_ != State::kHalted) return want_halt ? halt() : points_changed();
  if (want_halt) return {};
  return control_ & kStep ? step(control_ & kMaskInterrupts) : resume();
}

std::set<Point> RunControl::wanted() const {
  return control_ & kDebugEnable ? points_.wanted() : std::set<Point>();
}

Status RunControl::apply(const std::set<Point>& wanted) {
  const std::set<Point> before = applied_;
  for (const Point& point : before) {
    if (wanted.count(point)) continue;
    ASSAY_CHECK(target_.set_point(point, false));
    applied_.erase(point);
  }
  for (const Point& point : wanted) {
    if (applied_.count(point)) continue;
    ASSAY_CHECK(target_.set_point(point, true));
    applied_.insert(point);
  }
  return {};
}

Status RunControl::points_changed() {
  if (state_ != State::kRunning || wanted() == applied_) return {};
  return while_stopped([&] { return apply(wanted()); });
}

Result<Stop> RunControl::force_stop() {
  ASSAY_CHECK(target_.drive(Motion::kInterrupt));
  ASSAY_TRY(auto stop, target_.wait_stop(kStopLimit));
  if (!stop) return fail("vboard.qemu_silent", "the emulated processor did not stop within 500 ms");
  return *stop;
}

Status RunControl::while_stopped(const std::function<Status()>& body) {
  ASSAY_CHECK(poll());
  if (state_ != State::kRunning) return body();
  ASSAY_TRY(const Stop stop, force_stop());
  if (stop.kind != Stop::Kind::kInterrupt) {  // a real event came first
    ASSAY_CHECK(stopped(stop));
    return body();
  }
  const Status done = body();
  ASSAY_CHECK(target_.drive(Motion::kContinue));
  return done;
}

Status RunControl::poll(std::chrono::milliseconds patience) {
  if (state_ != State::kRunning) return {};
  ASSAY_TRY(auto stop, target_.wait_stop(patience));
  return stop ? stopped(*stop) : Status{};
}

Status RunControl::stopped(const Stop& stop) {
  switch (stop.kind) {
    case Stop::Kind::kInterrupt:
      return enter_halt(kReasonHalt);
    case Stop::Kind::kTrap:
      return enter_halt(kReasonBreakpoint);
    case Stop::Kind::kWatch:
      break;
  }
  ASSAY_CHECK(finish_watch(stop.watch_address));
  return enter_halt(kReasonWatchpoint);
}

// QEMU stops before the watched access and would stop there again: real hardware stops after it.
Status RunControl::finish_watch(uint32_t address) {
  points_.mark_match(address);
  ASSAY_CHECK(apply({}));
  ASSAY_CHECK(target_.drive(Motion::kStepMasked));
  ASSAY_TRY(auto stop, target_.wait_stop(kStopLimit));
  if (!stop) ASSAY_CHECK(force_stop());
  return {};
}

Status RunControl::enter_halt(uint32_t reason) {
  ++epoch_;
  state_ = State::kHalted;
  // Debug events set C_HALT too: debuggers copy the low bits back and would set the core going otherwise.
  control_ |= kHalt;
  dfsr_ |= reason;
  retired_ = true;
  return injection_.wake();
}

Status RunControl::halt() {
  if (state_ != State::kRunning) return enter_halt(kReasonHalt);
  ASSAY_TRY(const Stop stop, force_stop());
  return stopped(stop);
}

Result<bool> RunControl::executable() {
  ASSAY_TRY(const uint64_t xpsr, target_.read_register(kRegisterXpsr));
  ASSAY_TRY(const uint64_t pc, target_.read_register(kRegisterPc));
  return (xpsr & kThumb) && map_.is_memory(static_cast<uint32_t>(pc) & ~1u, 2);
}

Status RunControl::resume() {
  ++epoch_;
  ASSAY_TRY(const bool can_run, executable());
  if (!can_run) {
    state_ = State::kLockup;
    return {};
  }
  ASSAY_CHECK(apply(wanted()));
  ASSAY_CHECK(target_.drive(Motion::kContinue));
  state_ = State::kRunning;
  return {};
}

Status RunControl::step(bool masked) {
  ++epoch_;
  ASSAY_TRY(const bool can_run, executable());
  if (!can_run) return enter_halt(kReasonHalt);
  ASSAY_CHECK(apply(wanted()));
  ASSAY_CHECK(target_.drive(masked ? Motion::kStepMasked : Motion::kStep));
  ASSAY_TRY(auto stop, target_.wait_stop(kStopLimit));
  if (!stop) {
    ASSAY_CHECK(force_stop());
  } else if (stop->kind == Stop::Kind::kWatch) {
    return stopped(*stop);
  }
  return enter_halt(kReasonHalt);
}

Status RunControl::reset() {
  if (state_ == State::kInReset) return {};
  ASSAY_CHECK(poll());
  if (state_ == State::kRunning) ASSAY_CHECK(force_stop());
  control_ &= ~kHalt;  // a warm reset ends Debug state; only vector catch halts again
  ASSAY_CHECK(target_.reset());
  return leave_reset();
}

Status RunControl::leave_reset() {
  ++epoch_;
  reset_seen_ = true;
  if (control_ & kDebugEnable) {
    if (vector_catch_) {
      state_ = State::kHalted;
      control_ |= kHalt;
      dfsr_ |= kReasonVectorCatch;
      return {};
    }
    if (control_ & kHalt) {  // written while nRST was low
      state_ = State::kHalted;
      dfsr_ |= kReasonHalt;
      return {};
    }
  }
  return resume();
}

Status RunControl::set_reset_line(bool low) {
  if (low == (state_ == State::kInReset)) return {};
  if (!low) {
    state_ = State::kLockup;
    ASSAY_CHECK(target_.reset());
    return leave_reset();
  }
  ASSAY_CHECK(poll());
  if (state_ == State::kRunning) ASSAY_CHECK(force_stop());
  state_ = State::kInReset;
  control_ &= ~kHalt;
  reset_seen_ = true;
  ++epoch_;
  return {};
}

Status RunControl::note_guest_reset() {
  ++epoch_;
  reset_seen_ = true;
  const bool catches = (control_ & kDebugEnable) && vector_catch_;
  if (!catches || state_ != State::kRunning) return {};
  // The emulator has run on for a moment: reset again, now stopped.
  return reset();
}

}  // namespace assay::vboard
