#include "results/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/files.h"

namespace assay::results {
namespace {

tl::unexpected<Error> append_error(const std::filesystem::path& path, int error) {
  return fail("base.file", fmt::format("cannot append to {}: {}", path.string(), strerror(error)));
}

}  // namespace

Result<AppendFile> AppendFile::open(const std::filesystem::path& path) {
  AppendFile file;
  file.path_ = path;
  file.fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file.fd_ < 0) return append_error(path, errno);
  file.size_ = lseek(file.fd_, 0, SEEK_END);
  if (file.size_ > 0) {
    ASSAY_TRY(const auto text, read_text(path));
    const size_t end = text.rfind('\n');
    const int64_t whole = end == std::string::npos ? 0 : static_cast<int64_t>(end) + 1;
    if (whole < file.size_ && ftruncate(file.fd_, whole) != 0) return append_error(path, errno);
    file.size_ = whole;
  }
  return file;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

AppendFile::~AppendFile() {
  if (fd_ >= 0) close(fd_);
}

Status AppendFile::append(std::string_view text) {
  size_t sent = 0;
  int error = 0;
  while (sent < text.size() && error == 0) {
    const ssize_t count = write(fd_, text.data() + sent, text.size() - sent);
    if (count > 0) sent += static_cast<size_t>(count);
    if (count < 0 && errno != EINTR) error = errno;
  }
  if (error != 0) {
    // Best effort: when the cut fails too, open() cuts the half line before the next append.
    if (sent > 0 && ftruncate(fd_, size_) != 0) return append_error(path_, error);
    return append_error(path_, error);
  }
  size_ += static_cast<int64_t>(text.size());
  return {};
}

}  // namespace assay::results
