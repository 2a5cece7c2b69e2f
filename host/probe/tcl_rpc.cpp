#include "probe/tcl_rpc.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/interrupt.h"

namespace assay::probe {
namespace {

constexpr char kEnd = 0x1a;
constexpr auto kIdleStep = std::chrono::milliseconds(200);
// Far above any reply that Assay asks for; a tool that floods the line must not eat the memory.
constexpr size_t kLongestReply = 16u << 20;

Result<TclReply> parse_reply(const std::string& text) {
  const auto space = text.find(' ');
  const std::string head = text.substr(0, space);
  const bool number =
      !head.empty() && head.size() < 8 && head.find_first_not_of("-0123456789") == std::string::npos &&
      head.find_first_of("0123456789") != std::string::npos && head.find('-', 1) == std::string::npos;
  if (space == std::string::npos || !number) {
    return fail("probe.died", fmt::format("the Tcl port answers with no status: '{}'", text.substr(0, 80)));
  }
  return TclReply{std::stoi(head), text.substr(space + 1)};
}

}  // namespace

std::string tcl_word(std::string_view text) {
  if (text.empty()) return "{}";
  std::string word;
  for (const char c : text) {
    if (c == '\n') {
      word += "\\n";
      continue;
    }
    if (std::string_view(" \t$[]{}\"\\;#").find(c) != std::string_view::npos) word += '\\';
    word += c;
  }
  return word;
}

TclRpc::TclRpc(TclRpc&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), heed_signals_(other.heed_signals_) {}

TclRpc& TclRpc::operator=(TclRpc&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    heed_signals_ = other.heed_signals_;
  }
  return *this;
}

TclRpc::~TclRpc() { close(); }

void TclRpc::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status TclRpc::wait_for(short events, Deadline deadline) const {
  if (heed_signals_ && interrupted()) return fail(interruption());
  if (deadline.passed()) return fail("probe.timeout", "openocd does not answer");
  // poll() passes over a negative descriptor.
  pollfd waits[2] = {{fd_, events, 0}, {heed_signals_ ? interrupt_fd() : -1, POLLIN, 0}};
  const auto step = std::min<std::chrono::milliseconds>(deadline.left(), kIdleStep);
  if (poll(waits, 2, static_cast<int>(step.count())) < 0 && errno != EINTR) {
    return fail("probe.died", fmt::format("poll: {}", strerror(errno)));
  }
  return {};
}

Result<TclRpc> TclRpc::connect(uint16_t port, Deadline deadline) {
  TclRpc rpc;
  rpc.fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (rpc.fd_ < 0) return fail("probe.died", fmt::format("socket: {}", strerror(errno)));
  const int on = 1;
  setsockopt(rpc.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(rpc.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return rpc;
  int error = errno;
  while (error == EINPROGRESS || error == EINTR) {
    ASSAY_CHECK(rpc.wait_for(POLLOUT, deadline));
    pollfd ready{rpc.fd_, POLLOUT, 0};
    if (poll(&ready, 1, 0) <= 0) continue;
    socklen_t size = sizeof error;
    getsockopt(rpc.fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return rpc;
  }
  return fail("probe.died", fmt::format("nothing listens on the Tcl port {}: {}", port, strerror(error)));
}

Status TclRpc::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR)
      return fail("probe.died", fmt::format("openocd closed its Tcl port: {}", strerror(errno)));
    ASSAY_CHECK(wait_for(POLLOUT, deadline));
  }
  return {};
}

Result<TclReply> TclRpc::call(std::string_view command, Deadline deadline,
                              const std::function<void()>& idle) {
  if (fd_ < 0) return fail("probe.died", "the connection to openocd is closed");
  const std::string request =
      fmt::format("set r [catch {{capture {{{}}}}} m]; set m \"$r $m\"{}", command, kEnd);
  ASSAY_CHECK(send(request, deadline));
  std::string reply;
  auto next_idle = Deadline::in(kIdleStep);
  for (;;) {
    char chunk[65536];
    const ssize_t got = recv(fd_, chunk, sizeof chunk, 0);
    if (got > 0) {
      reply.append(chunk, static_cast<size_t>(got));
      if (reply.back() == kEnd) {
        reply.pop_back();
        return parse_reply(reply);
      }
      if (reply.size() > kLongestReply) return fail("probe.died", "the Tcl port sends without end");
      if (!deadline.passed()) continue;
    } else if (got == 0) {
      return fail("probe.died", "openocd closed its Tcl port");
    } else if (errno != EAGAIN && errno != EINTR) {
      return fail("probe.died", fmt::format("openocd's Tcl port: {}", strerror(errno)));
    }
    ASSAY_CHECK(wait_for(POLLIN, deadline));
    if (idle && next_idle.passed()) {
      idle();
      next_idle = Deadline::in(kIdleStep);
    }
  }
}

}  // namespace assay::probe
