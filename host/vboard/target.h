// What the debug logic needs of a processor and its memory, so that it is tested without an emulator.
//
// QemuTarget and QtestBus implement these two for QEMU; FakeTarget (fake_target.h) implements them for tests.
// Another emulator is one more pair. Every call is bounded; codes: vboard.qemu_died, vboard.qemu_silent.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"

namespace assay::vboard {

// Register numbers are those of gdb's Arm M profile.
inline constexpr int kRegisterPc = 15;
inline constexpr int kRegisterXpsr = 25;
inline constexpr int kRegisterD0 = 26;  // 64 bits each, D0 to D15
inline constexpr int kRegisterFpscr = 42;

enum class Motion {
  kContinue,
  kStep,        // one instruction
  kStepMasked,  // one instruction, no interrupt, no timer
  kInterrupt,   // stop as soon as possible; wait_stop() reports it
};

enum class PointKind : uint8_t { kExecute = 1, kWrite = 2, kRead = 3, kAccess = 4 };  // gdb's Z numbers

struct Point {
  PointKind kind;
  uint32_t address;
  uint32_t length;  // bytes
  auto operator<=>(const Point&) const = default;
};

struct Stop {
  enum class Kind { kInterrupt, kTrap, kWatch } kind = Kind::kTrap;
  uint32_t watch_address = 0;  // kWatch: the access has not happened yet
};

class Target {
 public:
  virtual ~Target() = default;
  // Only while stopped.
  virtual Result<uint64_t> read_register(int number) = 0;
  virtual Status write_register(int number, uint64_t value) = 0;
  virtual Status set_point(const Point& point, bool inserted) = 0;
  // System reset of a stopped processor; it stays stopped at its reset vector.
  virtual Status reset() = 0;
  virtual Status drive(Motion motion) = 0;
  // nullopt: still running after `timeout` (zero: only look).
  virtual Result<std::optional<Stop>> wait_stop(std::chrono::milliseconds timeout) = 0;
};

// Memory as a bus master sees it, running or not. RAM is bytes; a device is accessed at its width (1, 2 or 4
// bytes).
class Bus {
 public:
  virtual ~Bus() = default;
  virtual Status read_memory(uint32_t address, std::span<uint8_t> into) = 0;
  virtual Status write_memory(uint32_t address, std::span<const uint8_t> bytes) = 0;
  virtual Result<uint32_t> read_device(uint32_t address, int width) = 0;
  virtual Status write_device(uint32_t address, int width, uint32_t value) = 0;
};

}  // namespace assay::vboard
