#include "fuzz/compare.h"

#include <fmt/format.h>

#include <cstring>

#include "assay.pb.h"

#include "frame.h"
#include "pb.h"
#include "protocol/bounds.h"

namespace assay::fuzz {
namespace {

std::vector<uint8_t> sent;
void keep(const uint8_t* bytes, size_t count) { sent.insert(sent.end(), bytes, bytes + count); }

size_t below(Random& random, size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); }

// Lengths that matter to COBS come up often.
std::vector<uint8_t> any_payload(Random& random) {
  const size_t size = below(random, 4) == 0 ? 238 + below(random, 19) : below(random, 257);
  const size_t zeros = below(random, 3);  // none, few, many
  std::vector<uint8_t> bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<uint8_t>(1 + below(random, 255));
    if (zeros && below(random, zeros == 1 ? 50 : 2) == 0) byte = 0;
  }
  return bytes;
}

void put_varint(std::vector<uint8_t>& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
  to.push_back(static_cast<uint8_t>(value));
}

uint64_t any_value(Random& random) {
  const uint64_t wide = static_cast<uint64_t>(random()) << 32 | random();
  return wide >> below(random, 64);
}

std::string same_text(const std::vector<uint8_t>& ours, const std::string& theirs, const char* what) {
  if (ours.size() == theirs.size() && memcmp(ours.data(), theirs.data(), ours.size()) == 0) return "";
  return fmt::format("{}: agent wrote {} bytes, protobuf {}", what, ours.size(), theirs.size());
}

std::string compare_tensor(Random& random) {
  wire::Tensor theirs;
  uint8_t room[256];
  assay_pb_writer out = {room, room + sizeof room, 0};
  const std::string name(below(random, 48), 'n');
  theirs.set_name(name);
  assay_pb_string(&out, 1, name.c_str(), 47);
  theirs.set_type(static_cast<uint32_t>(below(random, 8)));
  assay_pb_uint(&out, 2, theirs.type());
  const size_t rank = below(random, 7);
  uint8_t* opened = rank ? assay_pb_open(&out, 3) : nullptr;
  for (size_t i = 0; i < rank; ++i) {
    const auto dim = static_cast<uint32_t>(any_value(random));
    theirs.add_dims(dim);
    assay_pb_varint(&out, dim);
  }
  if (rank) assay_pb_close(&out, opened);
  const auto bits = below(random, 3) ? static_cast<uint32_t>(random()) : 0u;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  theirs.set_scale(scale);
  assay_pb_float(&out, 4, scale);
  theirs.set_zero_point(static_cast<int32_t>(any_value(random)));
  assay_pb_sint(&out, 5, theirs.zero_point());
  theirs.set_bytes(static_cast<uint32_t>(any_value(random)));
  assay_pb_uint(&out, 6, theirs.bytes());
  return same_text({room, out.at}, theirs.SerializeAsString(), "Tensor");
}

std::string compare_done(Random& random) {
  wire::Done theirs;
  uint8_t room[72];
  assay_pb_writer out = {room, room + sizeof room, 0};
  theirs.set_id(static_cast<uint32_t>(below(random, 65536)));
  theirs.set_engine_code(static_cast<int32_t>(any_value(random)));
  theirs.set_ticks(any_value(random));
  theirs.set_ticks_max(any_value(random));
  assay_pb_uint(&out, 1, theirs.id());
  assay_pb_sint(&out, 3, theirs.engine_code());
  assay_pb_uint64(&out, 5, theirs.ticks());
  assay_pb_uint64(&out, 7, theirs.ticks_max());
  return same_text({room, out.at}, theirs.SerializeAsString(), "Done");
}

std::string compare_timing(Random& random) {
  wire::Timing theirs;
  uint8_t room[ASSAY_MTU_MIN];  // a Timing fits the smallest frame
  assay_pb_writer out = {room, room + sizeof room, 0};
  const std::string name(below(random, ASSAY_MODEL_NAME_MAX + 1), 't');
  theirs.set_name(name);
  assay_pb_string(&out, 1, name.c_str(), ASSAY_MODEL_NAME_MAX);
  theirs.set_count(static_cast<uint32_t>(any_value(random)));
  assay_pb_uint(&out, 3, theirs.count());
  theirs.set_ticks(any_value(random));
  assay_pb_uint64(&out, 4, theirs.ticks());
  theirs.set_ticks_min(any_value(random));
  assay_pb_uint64(&out, 5, theirs.ticks_min());
  theirs.set_ticks_max(any_value(random));
  assay_pb_uint64(&out, 6, theirs.ticks_max());
  theirs.set_deadline_ticks(static_cast<uint32_t>(any_value(random)));
  assay_pb_uint(&out, 7, theirs.deadline_ticks());
  theirs.set_now_ticks(any_value(random));
  assay_pb_uint64(&out, 11, theirs.now_ticks());
  return same_text({room, out.at}, theirs.SerializeAsString(), "Timing");
}

std::string compare_bins(Random& random) {
  wire::Bins theirs;
  uint8_t room[ASSAY_MTU_MIN];  // so does a full page of the largest counts
  assay_pb_writer out = {room, room + sizeof room, 0};
  uint8_t* opened = assay_pb_open(&out, 1);
  for (size_t count = 1 + below(random, ASSAY_BIN_PAGE); count > 0; --count) {
    const auto value = static_cast<uint32_t>(any_value(random) | (below(random, 4) ? 0 : 0xF0000000u));
    theirs.add_counts(value);
    assay_pb_varint(&out, value);
  }
  assay_pb_close(&out, opened);
  return same_text({room, out.at}, theirs.SerializeAsString(), "Bins");
}

// Whether Google's parser may meet a group tag in these bytes before an error.
bool has_group(std::span<const uint8_t> bytes) {
  size_t at = 0;
  const auto varint = [&](size_t most, uint64_t& value) {
    value = 0;
    for (size_t i = 0; i < most && at < bytes.size(); ++i) {
      const uint8_t byte = bytes[at++];
      value |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
      if (!(byte & 0x80)) return true;
    }
    return false;
  };
  uint64_t tag, value;
  while (at < bytes.size() && varint(5, tag)) {
    switch (tag & 7) {
      case 0:
        if (!varint(10, value)) return false;
        break;
      case 1:
        at += 8;
        break;
      case 2:
        if (!varint(5, value)) return false;
        at += value;
        break;
      case 3:
      case 4:
        return true;
      case 5:
        at += 4;
        break;
      default:
        return false;
    }
  }
  return false;
}

}  // namespace

Outcome compare_frame_decoders(std::span<const uint8_t> line) {
  static assay_decoder device;
  memset(&device, 0, sizeof device);
  link::FrameDecoder host(ASSAY_MTU);
  Outcome outcome;
  for (size_t i = 0; i < line.size(); ++i) {
    assay_frame ours;
    const assay_frame_event event = assay_decoder_feed(&device, line[i], &ours);
    const auto theirs = host.feed(line[i]);
    if ((event == ASSAY_FRAME_OK) != theirs.has_value() ||
        (event >= ASSAY_FRAME_BAD) != host.last_error().has_value()) {
      outcome.difference = fmt::format("byte {}: agent event {}, host {}", i, static_cast<int>(event),
                                       theirs ? "accepts" : "does not accept");
      return outcome;
    }
    outcome.rejected += event >= ASSAY_FRAME_BAD;
    if (!theirs) continue;
    ++outcome.accepted;
    const link::Frame same{static_cast<link::FrameKind>(ours.kind),
                           ours.detail,
                           ours.session,
                           ours.word,
                           {ours.payload, ours.payload + ours.size}};
    if (!(same == *theirs)) outcome.difference = fmt::format("byte {}: the decoded fields differ", i);
  }
  return outcome;
}

std::string compare_frame_encoders(const link::Frame& frame) {
  sent.clear();
  assay_frame ours{};
  ours.kind = static_cast<uint8_t>(frame.kind);
  ours.detail = frame.detail;
  ours.session = frame.session;
  ours.word = frame.word;
  ours.payload = frame.payload.data();
  ours.size = static_cast<uint16_t>(frame.payload.size());
  assay_frame_send(&ours, keep);
  if (sent != link::encode_frame(frame))
    return fmt::format("lines differ for {} payload bytes", frame.payload.size());
  return sent.size() <= link::line_size(frame.payload.size()) ? "" : "a line is longer than line_size says";
}

Outcome compare_readers(std::span<const uint8_t> message) {
  Outcome outcome;
  if (has_group(message)) return outcome;
  uint32_t values[ASSAY_REQUEST_FIELDS];
  // An empty vector has no address; a frame's payload always has one.
  const uint8_t none = 0;
  const bool ours =
      assay_pb_read(message.empty() ? &none : message.data(), message.size(), values, ASSAY_REQUEST_FIELDS);
  wire::Invoke theirs;
  const bool parsed = theirs.ParseFromArray(message.data(), static_cast<int>(message.size()));
  (ours ? outcome.accepted : outcome.rejected) = 1;
  if (ours != parsed) {
    outcome.difference =
        fmt::format("agent {}, protobuf {}", ours ? "accepts" : "rejects", parsed ? "accepts" : "rejects");
  } else if (ours &&
             (values[0] != theirs.model() || values[1] != theirs.count() || values[2] != theirs.flags() ||
              values[3] != theirs.transfer() || values[4] != theirs.crc32())) {
    outcome.difference = "the values differ";
  }
  return outcome;
}

std::string compare_writers(Random& random) {
  for (const auto compare : {compare_tensor, compare_done, compare_timing, compare_bins}) {
    if (std::string difference = compare(random); !difference.empty()) return difference;
  }
  return "";
}

link::Frame any_frame(Random& random) {
  return {static_cast<link::FrameKind>(1 + below(random, 8)), static_cast<uint8_t>(below(random, 256)),
          static_cast<uint16_t>(below(random, 65536)),
          below(random, 2) ? static_cast<uint32_t>(random()) : 0u, any_payload(random)};
}

std::vector<uint8_t> damaged_line(Random& random) {
  std::vector<uint8_t> line;
  const size_t frames = 1 + below(random, 3);
  for (size_t i = 0; i < frames; ++i) {
    auto frame = link::encode_frame(any_frame(random));
    const auto at = frame.begin() + static_cast<std::ptrdiff_t>(below(random, frame.size()));
    switch (below(random, 6)) {
      case 0:
        *at ^= static_cast<uint8_t>(1u << below(random, 8));
        break;
      case 1:
        frame.erase(at);
        break;
      case 2:
        frame.insert(at, static_cast<uint8_t>(below(random, 256)));
        break;
      case 3:
        frame.resize(below(random, frame.size()));
        break;
      default:
        break;
    }
    line.insert(line.end(), frame.begin(), frame.end());
    for (size_t n = below(random, 3) ? 0 : below(random, 400); n > 0; --n)
      line.push_back(static_cast<uint8_t>(1 + below(random, 255)));
  }
  line.push_back(0);
  return line;
}

std::vector<uint8_t> any_message(Random& random) {
  constexpr uint8_t kTypes[] = {0, 0, 0, 1, 2, 5};
  std::vector<uint8_t> bytes;
  for (size_t fields = below(random, 8); fields > 0; --fields) {
    const uint8_t type = kTypes[below(random, std::size(kTypes))];
    const uint64_t number = below(random, 10) ? 1 + below(random, 9) : (any_value(random) >> 35) + 1;
    put_varint(bytes, number << 3 | type);
    size_t raw = type == 1 ? 8 : type == 5 ? 4 : 0;
    if (type == 0) put_varint(bytes, any_value(random));
    if (type == 2) put_varint(bytes, raw = below(random, 20));
    for (; raw > 0; --raw) bytes.push_back(static_cast<uint8_t>(below(random, 256)));
  }
  if (!bytes.empty() && below(random, 2)) {
    if (below(random, 2)) bytes.resize(below(random, bytes.size()) + 1);
    bytes[below(random, bytes.size())] ^= static_cast<uint8_t>(1u << below(random, 8));
  }
  return bytes;
}

}  // namespace assay::fuzz
