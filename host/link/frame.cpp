#include "link/frame.h"

#include <algorithm>

#include "base/digest.h"

namespace assay::link {
namespace {

constexpr uint8_t kFramingVersion = 1;  // the two top bits of byte 0
constexpr size_t kHeader = 8, kCrc = 4, kBlock = 254;

void put32(std::vector<uint8_t>& to, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) to.push_back(static_cast<uint8_t>(value >> shift));
}

uint32_t get32(const uint8_t* from) {
  return from[0] | from[1] << 8 | from[2] << 16 | static_cast<uint32_t>(from[3]) << 24;
}

std::vector<uint8_t> cobs(const std::vector<uint8_t>& plain) {
  std::vector<uint8_t> line{0};
  size_t code_at = line.size();
  line.push_back(1);
  for (size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] != 0) {
      line.push_back(plain[i]);
      if (++line[code_at] != 0xFF || i + 1 == plain.size()) continue;
    }
    code_at = line.size();
    line.push_back(1);
  }
  line.push_back(0);
  return line;
}

// False when a block reaches beyond the end.
bool uncobs(const std::vector<uint8_t>& line, std::vector<uint8_t>& plain) {
  size_t at = 0;
  while (at < line.size()) {
    const uint8_t code = line[at++];
    if (at + code - 1 > line.size()) return false;
    plain.insert(plain.end(), line.begin() + at, line.begin() + at + code - 1);
    at += code - 1;
    if (code != 0xFF && at < line.size()) plain.push_back(0);
  }
  return true;
}

}  // namespace

std::vector<uint8_t> encode_frame(const Frame& frame) {
  std::vector<uint8_t> plain;
  plain.reserve(kHeader + frame.payload.size() + kCrc);
  plain.push_back(static_cast<uint8_t>(kFramingVersion << 6 | static_cast<uint8_t>(frame.kind)));
  plain.push_back(frame.detail);
  plain.push_back(static_cast<uint8_t>(frame.session));
  plain.push_back(static_cast<uint8_t>(frame.session >> 8));
  put32(plain, frame.word);
  plain.insert(plain.end(), frame.payload.begin(), frame.payload.end());
  put32(plain, crc32_of(plain));
  return cobs(plain);
}

std::string_view frame_error_name(FrameError error) {
  constexpr std::string_view kNames[] = {"TRUNCATED", "SHORT", "LONG", "CRC", "VERSION"};
  return kNames[static_cast<size_t>(error)];
}

std::optional<Frame> FrameDecoder::reject(FrameError error) {
  error_ = error;
  ++rejected_;
  return std::nullopt;
}

std::optional<Frame> FrameDecoder::feed(uint8_t byte) {
  error_.reset();
  if (byte != 0) {
    if (line_.size() < limit_ + limit_ / kBlock + 2) {
      line_.push_back(byte);
    } else {
      too_long_ = true;
    }
    return std::nullopt;
  }
  std::vector<uint8_t> line;
  line.swap(line_);
  if (std::exchange(too_long_, false)) return reject(FrameError::kLong);
  return line.empty() ? std::nullopt : parse(line);
}

std::optional<Frame> FrameDecoder::parse(const std::vector<uint8_t>& line) {
  std::vector<uint8_t> plain;
  const bool whole = uncobs(line, plain);
  if (plain.size() > limit_) return reject(FrameError::kLong);
  if (!whole) return reject(FrameError::kTruncated);
  if (plain.size() < kHeader + kCrc) return reject(FrameError::kShort);
  const size_t covered = plain.size() - kCrc;
  if (crc32_of(std::span(plain).first(covered)) != get32(plain.data() + covered))
    return reject(FrameError::kCrc);
  const uint8_t kind = plain[0] & 0x3F;
  if (plain[0] >> 6 != kFramingVersion || kind < 1 || kind > 8) return reject(FrameError::kVersion);
  Frame frame;
  frame.kind = static_cast<FrameKind>(kind);
  frame.detail = plain[1];
  frame.session = static_cast<uint16_t>(plain[2] | plain[3] << 8);
  frame.word = get32(plain.data() + 4);
  frame.payload.assign(plain.begin() + kHeader, plain.begin() + covered);
  return frame;
}

}  // namespace assay::link
