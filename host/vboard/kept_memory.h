// The memories that a unit keeps while it is off: one sparse file a region in the state folder.
//
// Written through at each debugger write, so that a killed process loses nothing. What the firmware itself
// writes to such a region is not kept: these regions stand for flash, which only the probe programs.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "vboard/memory_map.h"
#include "vboard/target.h"

namespace assay::vboard {

class KeptMemory {
 public:
  // Opens or creates the files of all persistent regions in `folder`. base.file.
  static Result<KeptMemory> open(const MemoryMap& map, const std::filesystem::path& folder);
  KeptMemory() = default;
  KeptMemory(KeptMemory&& other) noexcept : files_(std::exchange(other.files_, {})) {}
  KeptMemory& operator=(KeptMemory&& other) noexcept {
    std::swap(files_, other.files_);
    return *this;
  }
  ~KeptMemory();

  // Copies what the files hold into the emulator; holes are skipped.
  Status restore(const MemoryMap& map, Bus& bus) const;
  // base.file (disk full).
  Status keep(const Region& region, uint64_t offset, std::span<const uint8_t> bytes) const;

 private:
  std::map<std::string, int> files_;  // region name -> file descriptor
};

}  // namespace assay::vboard
