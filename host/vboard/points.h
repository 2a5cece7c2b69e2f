// The break- and watchpoint units of the core (FPB and DWT) as registers, the BKPT opcodes that a debugger
// planted, and the set of emulator points that follows from all three.
//
// A BKPT needs a point of its own: QEMU without semihosting turns the bare opcode into a HardFault.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <span>

#include "vboard/target.h"

namespace assay::vboard {

class Points {
 public:
  static constexpr int kBreakpoints =
      6;  // code comparators; two literal comparators are read as absent values
  static constexpr int kComparators = 8;
  static constexpr int kWatchpoints = 4;

  // Words at 0xE0002000 + offset (FPB).
  uint32_t read_breakpoint_unit(uint32_t offset) const;
  void write_breakpoint_unit(uint32_t offset, uint32_t value);
  // Words at 0xE0001020 + offset (DWT comparators).
  uint32_t read_watchpoint_unit(uint32_t offset);
  void write_watchpoint_unit(uint32_t offset, uint32_t value);

  // What the debugger wrote to memory: remembers BKPT opcodes of small writes (programs are loaded in large
  // ones), forgets those that were overwritten.
  void note_write(uint32_t address, std::span<const uint8_t> bytes);
  // Marks the comparator that covers a watched access (MATCHED, cleared when its FUNCTION is read).
  void mark_match(uint32_t address);

  std::set<Point> wanted() const;

 private:
  struct Watch {
    uint32_t comp = 0;
    uint32_t mask = 0;  // log2 of the bytes watched
    uint32_t function = 0;
    bool matched = false;
  };
  uint32_t control_ = 0;
  std::array<uint32_t, kComparators> comparators_{};
  std::array<Watch, kWatchpoints> watches_{};
  std::set<uint32_t> opcodes_;  // addresses of BKPT halfwords
};

}  // namespace assay::vboard
