#include "base/standard_output.h"

#include <poll.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace assay {
namespace {

std::atomic<int> g_lost{0};

// To stdio every write succeeds: libraries that print would throw.
ssize_t write_out(void* cookie, const char* bytes, size_t size) {
  const int fd = cookie ? STDERR_FILENO : STDOUT_FILENO;
  for (size_t sent = 0; sent < size;) {
    const ssize_t count = write(fd, bytes + sent, size - sent);
    if (count > 0) sent += static_cast<size_t>(count);
    if (count >= 0 || errno == EINTR) continue;
    if (errno == EAGAIN) {
      pollfd wait{fd, POLLOUT, 0};
      poll(&wait, 1, 1000);
      continue;
    }
    if (fd == STDOUT_FILENO && errno != EPIPE && g_lost == 0) g_lost = errno;
    break;
  }
  return static_cast<ssize_t>(size);
}

FILE* guarded(void* cookie, int mode) {
  FILE* file =
      fopencookie(cookie, "w", {.read = nullptr, .write = write_out, .seek = nullptr, .close = nullptr});
  if (file) setvbuf(file, nullptr, mode, BUFSIZ);
  return file;
}

}  // namespace

void outlive_reader() {
  static int is_stderr;
  if (FILE* file = guarded(nullptr, isatty(STDOUT_FILENO) == 1 ? _IOLBF : _IOFBF)) stdout = file;
  if (FILE* file = guarded(&is_stderr, _IONBF)) stderr = file;
}

int lost_output() { return g_lost; }

}  // namespace assay
