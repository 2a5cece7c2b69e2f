// A two-way stream of bytes to a board: serial, socket, pipe, RTT.
//
// To add one: a file `<kind>_stream.cpp` with a function that opens it, its declaration in streams.h, one
// line in the table of open_stream.cpp. A stream moves bytes and knows nothing of frames; it may lose bytes,
// the protocol above notices. Calls block no longer than their deadline and end early on Ctrl-C.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/deadline.h"
#include "base/result.h"

namespace assay::link {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // At least one byte, or 0 at the deadline. link.lost when the other side is gone, base.interrupted.
  virtual Result<size_t> read(std::span<uint8_t> into, Deadline deadline) = 0;
  // All bytes. link.lost when the other side is gone or takes nothing until the deadline, base.interrupted.
  virtual Status write(std::span<const uint8_t> bytes, Deadline deadline) = 0;
  // For messages: "serial:/dev/ttyACM0".
  virtual std::string name() const = 0;
};

}  // namespace assay::link
