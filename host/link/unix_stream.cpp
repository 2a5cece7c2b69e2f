#include <fmt/format.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/interrupt.h"
#include "link/fd_stream.h"
#include "link/streams.h"

namespace assay::link {

Result<std::unique_ptr<ByteStream>> open_unix_stream(const std::string& path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail("link.address",
                fmt::format("a socket path has 1 to {} characters, this one {}", sizeof address.sun_path - 1,
                            path.size()),
                path);
  }
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  for (;;) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail("link.open", fmt::format("socket: {}", strerror(errno)), path);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      return std::make_unique<FdStream>(fd, fd, "unix:" + path);
    }
    const int error = errno;
    close(fd);
    const bool not_yet = error == ENOENT || error == ECONNREFUSED || error == EAGAIN;
    if (interrupted()) return fail(interruption());
    if (!not_yet || deadline.passed())
      return fail("link.open", fmt::format("connect: {}", strerror(error)), "unix:" + path);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace assay::link
