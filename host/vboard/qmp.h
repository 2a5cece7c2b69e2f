// QEMU's machine protocol: system reset, quit, and what the serial port is connected to.
#pragma once

#include <string>
#include <string_view>

#include "vboard/unix_client.h"

namespace assay::vboard {

class Qmp {
 public:
  static Result<Qmp> connect(const std::filesystem::path& path, Deadline deadline);

  // The JSON text of "return". vboard.qemu_silent when QEMU refuses or does not answer within a second.
  // `arguments`: JSON text of an object, or empty.
  Result<std::string> execute(std::string_view command, std::string_view arguments = {});
  // Resets the machine and waits for it.
  Status system_reset();
  // Resets that the firmware asked for since the last call.
  Result<int> take_guest_resets();
  // Whether a client is connected to chardev `id`.
  Result<bool> chardev_connected(std::string_view id);

  const std::string& version() const { return version_; }  // "7.2.22"
  int fd() const { return stream_.fd(); }

 private:
  // The next line, or empty at the deadline. Counts events.
  Result<std::string> receive_line(Deadline deadline);

  UnixClient stream_;
  std::string buffer_;
  std::string version_;
  int guest_resets_ = 0;
  int host_resets_ = 0;
};

}  // namespace assay::vboard
