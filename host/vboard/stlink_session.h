// The commands of an ST-LINK V3 debug probe (16 bytes in, a reply of a given size out), as OpenOCD 0.12's
// `st-link` driver sends them for `dapdirect_swd`; source: openocd src/jtag/drivers/stlink_usb.c.
//
// Pure: sockets are in stlink_server, memory and core behind MemoryPort. To add a command: a row in the table
// of stlink_session.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "vboard/memory_port.h"

namespace assay::vboard {

class StlinkSession {
 public:
  static constexpr size_t kCommandSize = 16;
  static constexpr uint16_t kVendor = 0x0483, kProduct = 0x374F;

  explicit StlinkSession(MemoryPort& port) : port_(port) {}

  // `data`: what follows a write command. The reply may be shorter than the host asked for; the caller pads
  // it. Errors end the board; a command that fails on the target answers with a status, as the probe does.
  Result<std::vector<uint8_t>> execute(std::span<const uint8_t, kCommandSize> command,
                                       std::span<const uint8_t> data);

 private:
  friend struct StlinkCommands;
  void note(MemoryPort::Answer answer);

  MemoryPort& port_;
  uint8_t mode_ = 1;                         // 1 idle, 2 debug
  std::array<uint8_t, 12> memory_status_{};  // of the last memory command
  std::vector<uint8_t> queue_result_;
};

}  // namespace assay::vboard
