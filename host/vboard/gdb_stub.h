// The client half of gdb's remote protocol, as far as QEMU 7.2 speaks it (acknowledged packets, all-stop).
//
// Any byte that reaches QEMU while the processor runs stops it. So nothing is sent then but the interrupt
// byte, and a stop reply is acknowledged by the '$' of the next packet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vboard/target.h"
#include "vboard/unix_client.h"

namespace assay::vboard {

class GdbStub {
 public:
  // Connects (which stops the processor) and reads the target description, without which `p` answers nothing.
  static Result<GdbStub> connect(const std::filesystem::path& path, Deadline deadline);

  // Only while stopped: a packet and its reply.
  Result<std::string> exchange(std::string_view packet);
  // Only while stopped: a packet that sets the processor going ("c", "s").
  Status start(std::string_view packet);
  // Only while running; wait_stop() brings the reply.
  Status interrupt();
  Result<std::optional<Stop>> wait_stop(std::chrono::milliseconds timeout);

  int fd() const { return stream_.fd(); }

 private:
  Status send_packet(std::string_view packet, Deadline deadline);
  // nullopt at the deadline.
  Result<std::optional<std::string>> receive_packet(Deadline deadline);
  std::optional<std::string> take_packet();

  UnixClient stream_;
  std::string buffer_;
};

}  // namespace assay::vboard
