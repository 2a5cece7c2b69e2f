// ST-LINK over TCP: the frames of ST's server protocol, as OpenOCD's `st-link backend tcp` speaks it.
// Loopback only.
//
// Frames carry no length: the first bytes decide it. One client may open the probe at a time; others may
// connect, look and see that it is used. What is not a frame closes that connection.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vboard/front_end.h"
#include "vboard/stlink_session.h"

namespace assay::vboard {

class StlinkServer final : public FrontEnd {
 public:
  // Listens on a free port. vboard.listen.
  static Result<StlinkServer> listen(MemoryPort& port, std::string serial);

  StlinkServer(StlinkServer&& other) noexcept;
  StlinkServer& operator=(StlinkServer&&) = delete;
  ~StlinkServer() override;

  void add_waits(std::vector<pollfd>& waits) const override;
  Status serve() override;
  bool has_client() const override { return !clients_.empty(); }
  uint16_t tcp_port() const { return tcp_port_; }

 private:
  struct Client {
    int fd = -1;
    std::vector<uint8_t> input;
  };
  enum class Next { kWait, kAgain, kClose };

  StlinkServer(MemoryPort& port, std::string serial) : session_(port), serial_(std::move(serial)) {}
  void accept_clients();
  // One frame of the client's input.
  Result<Next> serve_frame(Client& client);
  Result<Next> serve_command(Client& client, std::span<const uint8_t> frame);
  // Drains the socket; false: the client is gone.
  bool receive(Client& client);
  bool send(Client& client, std::span<const uint8_t> bytes);
  void close_client(Client& client);
  std::vector<uint8_t> probe_info(const Client& client) const;

  StlinkSession session_;
  std::string serial_;
  int listen_fd_ = -1;
  uint16_t tcp_port_ = 0;
  int owner_fd_ = -1;  // the client that opened the probe
  std::vector<Client> clients_;
};

}  // namespace assay::vboard
