#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

namespace assay {
namespace {

tl::unexpected<Error> file_error(const char* verb, const std::filesystem::path& path, int error) {
  return fail("base.file", fmt::format("cannot {} {}: {}", verb, path.string(), strerror(error)));
}

template <class Bytes>
Result<Bytes> read_all(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return file_error("read", path, errno);
  Bytes bytes;
  size_t used = 0;
  for (;;) {
    bytes.resize(used + 65536);
    const ssize_t got = read(fd, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      close(fd);
      return file_error("read", path, error);
    }
    used += static_cast<size_t>(got);
    if (got == 0) break;
  }
  close(fd);
  bytes.resize(used);
  return bytes;
}

}  // namespace

Result<std::string> read_text(const std::filesystem::path& path) { return read_all<std::string>(path); }
Result<std::vector<uint8_t>> read_bytes(const std::filesystem::path& path) {
  return read_all<std::vector<uint8_t>>(path);
}

Status write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path temporary = path.string() + fmt::format(".{}.tmp", getpid());
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return file_error("write", path, errno);
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const ssize_t sent = write(fd, bytes.data(), bytes.size());
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    if (sent < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && fsync(fd) != 0) error = errno;
  close(fd);
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return file_error("write", path, error);
  }
  return {};
}

Status write_file(const std::filesystem::path& path, std::span<const uint8_t> bytes) {
  return write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail("base.file", fmt::format("cannot create {}: {}", path.string(), error.message()));
  return {};
}

}  // namespace assay
