#include "agent/ports/posix/host_stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace assay::ports {

void HostStream::attach(int in, int out) {
  in_ = in;
  out_ = out;
  signal(SIGPIPE, SIG_IGN);  // a closed peer is seen where it is written to
}

bool HostStream::listen_unix(const char* path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) {
    fprintf(stderr,
            "--listen: %s is longer than %zu bytes, the most a unix socket path holds; use a shorter one\n",
            path, sizeof address.sun_path - 1);
    return false;
  }
  strcpy(address.sun_path, path);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(path);
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1) != 0) {
    fprintf(stderr, "--listen: cannot bind %s: %s\n", path, strerror(errno));
    return false;
  }
  printf("listening %s\n", path);
  fflush(stdout);
  int client = -1;
  do client = accept(listener, nullptr, nullptr);
  while (client < 0 && errno == EINTR);
  close(listener);
  unlink(path);
  if (client < 0) {
    fprintf(stderr, "--listen: no client on %s: %s\n", path, strerror(errno));
    return false;
  }
  attach(client, client);
  return true;
}

size_t HostStream::read(uint8_t* to, size_t room) {
  pollfd waiting = {in_, POLLIN, 0};
  if (poll(&waiting, 1, 0) <= 0) return 0;
  const ssize_t count = ::read(in_, to, room);
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) exit(0);
  return count < 0 ? 0 : static_cast<size_t>(count);
}

void HostStream::write(const uint8_t* bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(out_, bytes, count);
    if (written >= 0) {
      bytes += written;
      count -= static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd room = {out_, POLLOUT, 0};
      poll(&room, 1, 1000);
    } else if (errno != EINTR) {
      exit(0);
    }
  }
}

void HostStream::wait(int timeout_ms) const {
  pollfd waiting = {in_, POLLIN, 0};
  poll(&waiting, 1, timeout_ms);
}

}  // namespace assay::ports
