// Target memory through OpenOCD's Tcl port: read_memory and write_memory, in pieces.
#pragma once

#include "probe/live_memory.h"
#include "probe/openocd_process.h"

namespace assay::probe {

class OpenocdMemory final : public LiveMemory {
 public:
  explicit OpenocdMemory(OpenocdProcess& process) : process_(process) {}

  Result<std::vector<uint32_t>> access(std::span<const WordAccess> accesses) override;
  Result<std::vector<uint8_t>> fetch(uint32_t address, uint32_t bytes) override;
  Status store(uint32_t address, std::span<const uint8_t> bytes) override;

 private:
  OpenocdProcess& process_;
};

}  // namespace assay::probe
