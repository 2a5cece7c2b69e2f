#include "vboard/unix_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/interrupt.h"

namespace assay::vboard {
namespace {

constexpr auto kConnectStep = std::chrono::milliseconds(2);

tl::unexpected<Error> died() { return fail("vboard.qemu_died", "the emulator closed its control channel"); }

}  // namespace

Result<UnixClient> UnixClient::connect(const std::filesystem::path& path, Deadline deadline) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) {
    return fail("vboard.qemu_silent", "the path of a socket is too long", path.string());
  }
  memcpy(address.sun_path, path.c_str(), path.native().size());
  for (;;) {
    UnixClient client;
    client.fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(client.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return client;
    if (interrupted()) return fail(interruption());
    if (deadline.passed()) {
      return fail("vboard.qemu_silent", fmt::format("cannot connect to the emulator: {}", strerror(errno)),
                  path.string());
    }
    std::this_thread::sleep_for(kConnectStep);
  }
}

UnixClient::~UnixClient() {
  if (fd_ >= 0) close(fd_);
}

Status UnixClient::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return died();
    if (deadline.passed())
      return fail("vboard.qemu_silent", "the emulator does not read its control channel");
    pollfd wait{fd_, POLLOUT, 0};
    poll(&wait, 1, static_cast<int>(std::min<long long>(50, deadline.left().count())));
  }
  return {};
}

Result<bool> UnixClient::receive(std::string& into, Deadline deadline) {
  char chunk[65536];
  for (;;) {
    const ssize_t got = recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got > 0) {
      into.append(chunk, static_cast<size_t>(got));
      return true;
    }
    if (got == 0) return died();
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return died();
    if (deadline.passed()) return false;
    pollfd wait{fd_, POLLIN, 0};
    poll(&wait, 1, static_cast<int>(deadline.left().count()));
  }
}

}  // namespace assay::vboard
