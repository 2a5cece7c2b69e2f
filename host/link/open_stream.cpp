#include <fmt/format.h>

#include "link/streams.h"

namespace assay::link {
namespace {

using Opener = Result<std::unique_ptr<ByteStream>> (*)(const std::string& rest, Deadline deadline);

// Every kind of stream that an address can name.
constexpr struct {
  std::string_view scheme;
  Opener open;
} kStreams[] = {
    {"unix:", open_unix_stream},
    {"tcp:", open_tcp_stream},
    {"serial:", open_serial_stream},
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_stream(std::string_view address, Deadline deadline) {
  for (const auto& [scheme, open] : kStreams) {
    if (address.substr(0, scheme.size()) == scheme)
      return open(std::string(address.substr(scheme.size())), deadline);
  }
  return fail("link.address", fmt::format("'{}' is no stream address", address), "",
              "Write unix:/path, tcp:host:port or serial:/dev/ttyX?baud=115200.");
}

}  // namespace assay::link
