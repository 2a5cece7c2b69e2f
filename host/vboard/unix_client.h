// A connected unix socket with bounded waits: how the emulator's three control channels are reached.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"

namespace assay::vboard {

class UnixClient {
 public:
  // Tries until the socket exists and accepts. vboard.qemu_silent at the deadline.
  static Result<UnixClient> connect(const std::filesystem::path& path, Deadline deadline);

  UnixClient() = default;
  UnixClient(UnixClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UnixClient& operator=(UnixClient&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UnixClient();

  int fd() const { return fd_; }
  // vboard.qemu_died when the other side is gone, vboard.qemu_silent when it does not read.
  Status send(std::string_view bytes, Deadline deadline);
  // Appends what arrives to `into`. false: nothing came until the deadline. vboard.qemu_died at end of
  // stream.
  Result<bool> receive(std::string& into, Deadline deadline);

 private:
  int fd_ = -1;
};

}  // namespace assay::vboard
