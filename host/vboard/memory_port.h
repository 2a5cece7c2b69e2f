// The memory access port that every probe front end uses: checks the memory map, sends debug registers to
// CoreDebug and everything else to the bus, keeps persistent memory, and plays the debug port's few
// registers.
#pragma once

#include <array>
#include <functional>
#include <map>

#include "vboard/core_debug.h"

namespace assay::vboard {

class MemoryPort {
 public:
  // Called with what a debugger wrote to a region marked persistent; region and offset in it.
  using Keep = std::function<Status(const Region&, uint64_t offset, std::span<const uint8_t>)>;

  MemoryPort(CoreDebug& core, Bus& bus, const MemoryMap& map, Keep keep)
      : core_(core), bus_(bus), map_(map), keep_(std::move(keep)) {}

  enum class Answer {
    kOk,
    kFault
  };  // kFault: nothing at that address, or access to it failed; see fault_address()
  // `width`: 1, 2 or 4 bytes, to which address and size are aligned. `fixed`: every access at the same
  // address. Errors end the board (the emulator is gone); a bus fault is not an error, and what was read
  // before it stands.
  Result<Answer> read(uint32_t address, int width, std::span<uint8_t> into, bool fixed = false);
  Result<Answer> write(uint32_t address, int width, std::span<const uint8_t> bytes, bool fixed = false);
  uint32_t fault_address() const { return fault_address_; }

  // Registers of the debug port and of access port `port` (only 0 is there).
  uint32_t read_debug_port(uint32_t reg) const;
  void write_debug_port(uint32_t reg, uint32_t value);
  uint32_t read_access_port(uint32_t port, uint32_t reg) const;
  void write_access_port(uint32_t port, uint32_t reg, uint32_t value);

  CoreDebug& core() { return core_; }
  static constexpr uint32_t kDpidr = 0x2BA01477;  // SW-DP version 1 of a Cortex-M3/M4

 private:
  Status ease_polling(uint32_t address, size_t size);
  Status read_private(uint32_t address, int width, std::span<uint8_t> into);
  Status write_private(uint32_t address, int width, std::span<const uint8_t> bytes);
  Status read_part(const Region& region, uint32_t address, int width, std::span<uint8_t> into);
  Status write_part(const Region& region, uint32_t address, int width, std::span<const uint8_t> bytes);

  CoreDebug& core_;
  Bus& bus_;
  const MemoryMap& map_;
  Keep keep_;
  uint32_t fault_address_ = 0;
  uint32_t control_status_ = 0;
  uint32_t tar_ = 0;
  int status_polls_ = 0;  // reads of DHCSR with nothing between them
};

}  // namespace assay::vboard
