// The host's frame codec, written independently of the agent's; protocol/frame.md tells the format.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace assay::link {

enum class FrameKind : uint8_t {
  kHello = 1,
  kBoard = 2,
  kReq = 3,
  kResp = 4,
  kData = 5,
  kAck = 6,
  kEvt = 7,
  kErr = 8
};

struct Frame {
  FrameKind kind = FrameKind::kHello;
  uint8_t detail = 0;  // REQ/RESP/EVT message number, DATA flags, ACK credit, ERR reason
  uint16_t session = 0;
  uint32_t word = 0;
  std::vector<uint8_t> payload;

  friend bool operator==(const Frame&, const Frame&) = default;
};

// Bytes of a frame on the line, at most, with both delimiters.
constexpr size_t line_size(size_t payload) {
  const size_t inner = payload + 12;
  return inner + inner / 254 + 3;
}

// With both delimiters.
std::vector<uint8_t> encode_frame(const Frame& frame);

enum class FrameError : uint8_t { kTruncated, kShort, kLong, kCrc, kVersion };
std::string_view frame_error_name(FrameError error);  // "TRUNCATED", "SHORT", "LONG", "CRC", "VERSION"

// Feed bytes in any pieces; bytes that are no frame are counted, never returned.
class FrameDecoder {
 public:
  explicit FrameDecoder(size_t mtu) : limit_(mtu + 12) {}

  // The frame that this byte completes; a rejected one sets last_error() and counts.
  std::optional<Frame> feed(uint8_t byte);
  std::optional<FrameError> last_error() const { return error_; }  // of the last byte fed
  int64_t rejected() const { return rejected_; }

 private:
  std::optional<Frame> reject(FrameError error);
  std::optional<Frame> parse(const std::vector<uint8_t>& line);

  size_t limit_;               // decoded bytes
  std::vector<uint8_t> line_;  // since the last delimiter, still encoded
  bool too_long_ = false;
  std::optional<FrameError> error_;
  int64_t rejected_ = 0;
};

}  // namespace assay::link
