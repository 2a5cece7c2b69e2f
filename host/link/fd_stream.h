// What every stream over file descriptors shares: bounded, interruptible reads and writes.
#pragma once

#include "link/byte_stream.h"

namespace assay::link {

class FdStream : public ByteStream {
 public:
  // Takes both descriptors, which may be equal, and makes them non-blocking.
  FdStream(int in_fd, int out_fd, std::string name);
  FdStream(const FdStream&) = delete;
  FdStream& operator=(const FdStream&) = delete;
  ~FdStream() override;

  Result<size_t> read(std::span<uint8_t> into, Deadline deadline) override;
  Status write(std::span<const uint8_t> bytes, Deadline deadline) override;
  std::string name() const override { return name_; }

 protected:
  // Leaves the descriptors open: they belong to someone else.
  void disown() { in_fd_ = out_fd_ = -1; }

 private:
  int in_fd_, out_fd_;
  std::string name_;
};

}  // namespace assay::link
