// Guest memory through QEMU's qtest channel, which works while the processor runs and which invalidates
// translated code. Writes to RAM must go this way; a device is accessed at its own width.
#pragma once

#include <string>

#include "vboard/target.h"
#include "vboard/unix_client.h"

namespace assay::vboard {

class QtestBus final : public Bus {
 public:
  static Result<QtestBus> connect(const std::filesystem::path& path, Deadline deadline);

  Status read_memory(uint32_t address, std::span<uint8_t> into) override;
  Status write_memory(uint32_t address, std::span<const uint8_t> bytes) override;
  Result<uint32_t> read_device(uint32_t address, int width) override;
  Status write_device(uint32_t address, int width, uint32_t value) override;

 private:
  // The answer after "OK ".
  Result<std::string> command(std::string_view line);

  UnixClient stream_;
  std::string buffer_;
};

}  // namespace assay::vboard
