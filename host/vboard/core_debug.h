// The core's debug registers at their addresses (Armv7-M ARM, chapter C1): DHCSR, DCRSR, DCRDR, DEMCR, DFSR,
// AIRCR, FPB, DWT and the ROM table. What is not listed in the table of core_debug.cpp belongs to the
// emulator.
//
// To add a register: one line in that table, and a function when it does something.
#pragma once

#include "vboard/core_registers.h"
#include "vboard/run_control.h"

namespace assay::vboard {

class CoreDebug {
 public:
  CoreDebug(Target& target, Bus& bus, const MemoryMap& map)
      : target_(target), run_(target, bus, map, points_), registers_(target, run_) {}

  // Whether the word at `address` is emulated here.
  static bool owns(uint32_t address);
  // Whole words, aligned. vboard.qemu_died, vboard.qemu_silent.
  Result<uint32_t> read(uint32_t address);
  Status write(uint32_t address, uint32_t value);

  // The debugger wrote to memory.
  void note_memory_write(uint32_t address, std::span<const uint8_t> bytes);
  RunControl& run() { return run_; }

 private:
  friend struct DebugRegisters;
  Status transfer_register(uint32_t selector);
  Result<uint32_t> sample_pc();

  Target& target_;
  Points points_;
  RunControl run_;
  CoreRegisters registers_;
  uint32_t dcrdr_ = 0;
  uint32_t demcr_ = 0;
};

}  // namespace assay::vboard
