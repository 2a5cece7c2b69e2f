#include "vboard/memory_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/board.pb.h"

namespace assay::vboard {

Result<MemoryMap> MemoryMap::make(std::vector<Region> regions) {
  // Private peripheral bus of Armv7-M: 0xE0000000, 1 MiB.
  regions.push_back(Region{Region::Kind::kPrivate, "private bus", 0xE0000000u, 0x100000u, false});
  std::sort(regions.begin(), regions.end(), [](auto& a, auto& b) { return a.address < b.address; });
  for (size_t i = 0; i < regions.size(); ++i) {
    if (regions[i].size == 0 || regions[i].end() > (uint64_t{1} << 32)) {
      return fail("config.value",
                  fmt::format("memory '{}' is empty or leaves the 32-bit address space", regions[i].name));
    }
    if (i > 0 && regions[i - 1].end() > regions[i].address) {
      return fail("config.value", fmt::format("memories '{}' and '{}' overlap at {:#010x}",
                                              regions[i - 1].name, regions[i].name, regions[i].address));
    }
  }
  MemoryMap map;
  map.regions_ = std::move(regions);
  return map;
}

Result<MemoryMap> MemoryMap::of_board(const config::Board& board) {
  std::vector<Region> regions;
  for (const auto& memory : board.memory()) {
    const auto kind = memory.kind() == "device" ? Region::Kind::kDevice : Region::Kind::kMemory;
    regions.push_back(Region{kind, memory.name(), static_cast<uint32_t>(memory.address()),
                             static_cast<uint64_t>(memory.size()), memory.persistent()});
  }
  return make(std::move(regions));
}

const Region* MemoryMap::find(uint32_t address) const {
  auto after = std::upper_bound(regions_.begin(), regions_.end(), address,
                                [](uint32_t a, const Region& region) { return a < region.address; });
  if (after == regions_.begin()) return nullptr;
  const Region& region = *std::prev(after);
  return address < region.end() ? &region : nullptr;
}

bool MemoryMap::is_memory(uint32_t address, uint32_t size) const {
  const Region* region = find(address);
  return region && region->kind == Region::Kind::kMemory && uint64_t{address} + size <= region->end();
}

}  // namespace assay::vboard
