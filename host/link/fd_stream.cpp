#include "link/fd_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

#include "base/interrupt.h"

namespace assay::link {
namespace {

// Waits for `events`; false at the deadline.
Result<bool> wait_for(int fd, short events, Deadline deadline, const std::string& name) {
  for (;;) {
    if (interrupted()) return fail(interruption());
    pollfd waits[2] = {{fd, events, 0}, {interrupt_fd(), POLLIN, 0}};
    const int left = static_cast<int>(std::min<int64_t>(deadline.left().count(), 60'000));
    const int ready = poll(waits, waits[1].fd >= 0 ? 2 : 1, left);
    if (ready < 0 && errno != EINTR) return fail("link.lost", fmt::format("poll: {}", strerror(errno)), name);
    if (ready > 0 && waits[0].revents) return true;
    if (deadline.passed()) return false;
  }
}

}  // namespace

FdStream::FdStream(int in_fd, int out_fd, std::string name)
    : in_fd_(in_fd), out_fd_(out_fd), name_(std::move(name)) {
  signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error of write, not the end of this program
  fcntl(in_fd_, F_SETFL, fcntl(in_fd_, F_GETFL) | O_NONBLOCK);
  if (out_fd_ != in_fd_) fcntl(out_fd_, F_SETFL, fcntl(out_fd_, F_GETFL) | O_NONBLOCK);
}

FdStream::~FdStream() {
  if (out_fd_ >= 0 && out_fd_ != in_fd_) close(out_fd_);
  if (in_fd_ >= 0) close(in_fd_);
}

Result<size_t> FdStream::read(std::span<uint8_t> into, Deadline deadline) {
  for (;;) {
    const ssize_t got = ::read(in_fd_, into.data(), into.size());
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0 || errno == ECONNRESET) return fail("link.lost", "the other side closed the stream", name_);
    if (errno != EAGAIN && errno != EINTR)
      return fail("link.lost", fmt::format("read: {}", strerror(errno)), name_);
    ASSAY_TRY(const bool ready, wait_for(in_fd_, POLLIN, deadline, name_));
    if (!ready) return size_t{0};
  }
}

Status FdStream::write(std::span<const uint8_t> bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(out_fd_, bytes.data(), bytes.size());
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR)
      return fail("link.lost", fmt::format("write: {}", strerror(errno)), name_);
    ASSAY_TRY(const bool ready, wait_for(out_fd_, POLLOUT, deadline, name_));
    if (!ready) return fail("link.lost", "the other side takes no bytes", name_);
  }
  return {};
}

}  // namespace assay::link
