#include "vboard/gdb_stub.h"

#include <fmt/format.h>

#include <cstdlib>

namespace assay::vboard {
namespace {

constexpr auto kExchangeLimit = std::chrono::milliseconds(500);

uint8_t checksum(std::string_view text) {
  uint8_t sum = 0;
  for (const char c : text) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
  return sum;
}

// "T05thread:01;", "T05watch:20000000;", "S02".
Stop parse_stop(std::string_view reply) {
  Stop stop;
  if (reply.size() >= 3 && reply.substr(1, 2) == "02") stop.kind = Stop::Kind::kInterrupt;
  const auto watch = reply.find("watch:");
  if (watch != std::string_view::npos) {
    stop.kind = Stop::Kind::kWatch;
    stop.watch_address =
        static_cast<uint32_t>(strtoull(std::string(reply.substr(watch + 6)).c_str(), nullptr, 16));
  }
  return stop;
}

}  // namespace

Result<GdbStub> GdbStub::connect(const std::filesystem::path& path, Deadline deadline) {
  GdbStub stub;
  ASSAY_TRY(stub.stream_, UnixClient::connect(path, deadline));
  for (const char* packet : {"qSupported:xmlRegisters=arm", "qXfer:features:read:target.xml:0,ffb", "?"}) {
    ASSAY_CHECK(stub.exchange(packet));
  }
  return stub;
}

Status GdbStub::send_packet(std::string_view packet, Deadline deadline) {
  return stream_.send(fmt::format("${}#{:02x}", packet, checksum(packet)), deadline);
}

std::optional<std::string> GdbStub::take_packet() {
  const auto begin = buffer_.find('$');
  if (begin == std::string::npos) {
    buffer_.clear();  // acknowledgements
    return std::nullopt;
  }
  const auto end = buffer_.find('#', begin);
  if (end == std::string::npos || buffer_.size() < end + 3) return std::nullopt;
  std::string packet = buffer_.substr(begin + 1, end - begin - 1);
  buffer_.erase(0, end + 3);
  return packet;
}

Result<std::optional<std::string>> GdbStub::receive_packet(Deadline deadline) {
  for (;;) {
    if (auto packet = take_packet()) return std::optional(std::move(*packet));
    ASSAY_TRY(const bool more, stream_.receive(buffer_, deadline));
    if (!more) return std::optional<std::string>();
  }
}

Result<std::string> GdbStub::exchange(std::string_view packet) {
  const Deadline deadline = Deadline::in(kExchangeLimit);
  ASSAY_CHECK(send_packet(packet, deadline));
  ASSAY_TRY(auto reply, receive_packet(deadline));
  if (!reply) {
    return fail("vboard.qemu_silent",
                fmt::format("the emulator's gdb server did not answer '{}'", packet.substr(0, 24)));
  }
  return std::move(*reply);
}

Status GdbStub::start(std::string_view packet) { return send_packet(packet, Deadline::in(kExchangeLimit)); }

Status GdbStub::interrupt() { return stream_.send("\x03", Deadline::in(kExchangeLimit)); }

Result<std::optional<Stop>> GdbStub::wait_stop(std::chrono::milliseconds timeout) {
  ASSAY_TRY(auto reply, receive_packet(Deadline::in(timeout)));
  if (!reply) return std::optional<Stop>();
  const std::string text = reply.value_or("");
  if (text.starts_with('W') || text.starts_with('X')) {
    return fail("vboard.qemu_died", fmt::format("the emulator ended ({})", text));
  }
  return std::optional(parse_stop(text));
}

}  // namespace assay::vboard
