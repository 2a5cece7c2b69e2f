// Memory and core of a target in the hands of the caller: the way of CoreControl to the debug registers.
//
// Probe::live() hands it out. From then on the tool neither polls nor touches the core, and a signal does not
// end the tool: whoever took the core must be able to put it back after Ctrl-C. Every call is bounded all the
// same. A probe tool implements these three; what is done with them is the same for all.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace assay::probe {

// One 32-bit access at an aligned address.
struct WordAccess {
  uint32_t address = 0;
  bool write = false;
  uint32_t value = 0;  // to write
};

// Codes of every method: probe.timeout, probe.died, and probe.read_failed or probe.write_failed.
class LiveMemory {
 public:
  virtual ~LiveMemory() = default;
  // All of them, in order and without a pause between; the values of the reads.
  virtual Result<std::vector<uint32_t>> access(std::span<const WordAccess> accesses) = 0;
  virtual Result<std::vector<uint8_t>> fetch(uint32_t address, uint32_t bytes) = 0;
  virtual Status store(uint32_t address, std::span<const uint8_t> bytes) = 0;
};

}  // namespace assay::probe
