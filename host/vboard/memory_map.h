// What answers at an address. QEMU answers reads of nothing with zeros, so the access port asks this table
// first and reports a bus fault, as real hardware does. It is the [[memory]] list of board.toml plus the
// core's private bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::config {
class Board;
}

namespace assay::vboard {

struct Region {
  enum class Kind { kMemory, kDevice, kPrivate } kind = Kind::kMemory;
  std::string name;
  uint32_t address = 0;
  uint64_t size = 0;        // bytes
  bool persistent = false;  // kept in the unit's state folder
  uint64_t end() const { return address + size; }
};

class MemoryMap {
 public:
  // config.value when two regions overlap or one leaves the 32-bit space.
  static Result<MemoryMap> make(std::vector<Region> regions);
  static Result<MemoryMap> of_board(const config::Board& board);

  // nullptr: nothing there.
  const Region* find(uint32_t address) const;
  // Whether all `size` bytes are RAM or code memory of one region.
  bool is_memory(uint32_t address, uint32_t size) const;
  const std::vector<Region>& regions() const { return regions_; }

 private:
  std::vector<Region> regions_;  // by address
};

}  // namespace assay::vboard
