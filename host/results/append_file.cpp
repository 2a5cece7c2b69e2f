#include "results/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/files.h"

namespace assay::results {
namespace {

constexpr auto kFlushEvery = std::chrono::seconds(5);

tl::unexpected<Error> append_error(const std::filesystem::path& path, int error) {
  return file_error("append to", path, error);
}

}  // namespace

Result<AppendFile> AppendFile::open(const std::filesystem::path& path) {
  ASSAY_TRY(AppendFile file, open_records(path, -1));
  if (file.size_ == 0) return file;
  ASSAY_TRY(const auto text, read_text(path));
  const size_t end = text.rfind('\n');
  ASSAY_CHECK(file.cut(end == std::string::npos ? 0 : static_cast<int64_t>(end) + 1));
  return file;
}

Result<AppendFile> AppendFile::open_records(const std::filesystem::path& path, int64_t whole) {
  AppendFile file;
  file.path_ = path;
  file.fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file.fd_ < 0) return append_error(path, errno);
  file.size_ = lseek(file.fd_, 0, SEEK_END);
  if (whole >= 0) ASSAY_CHECK(file.cut(whole));
  return file;
}

Status AppendFile::cut(int64_t size) {
  if (size < size_ && ftruncate(fd_, size) != 0) return append_error(path_, errno);
  size_ = std::min(size, size_);
  return {};
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      flushed_(other.flushed_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(flushed_, other.flushed_);
  return *this;
}

AppendFile::~AppendFile() {
  if (fd_ >= 0) close(fd_);
}

Status AppendFile::append(std::string_view piece) {
  size_t sent = 0;
  int error = 0;
  while (sent < piece.size() && error == 0) {
    const ssize_t count = write(fd_, piece.data() + sent, piece.size() - sent);
    if (count > 0) sent += static_cast<size_t>(count);
    if (count < 0 && errno != EINTR) error = errno;
  }
  if (error != 0) {
    // Best effort: when the cut fails too, open() cuts the half piece before the next append.
    if (sent > 0 && ftruncate(fd_, size_) != 0) return append_error(path_, error);
    return append_error(path_, error);
  }
  size_ += static_cast<int64_t>(piece.size());
  const auto now = std::chrono::steady_clock::now();
  if (now - flushed_ < kFlushEvery) return {};
  flushed_ = now;
  return fdatasync(fd_) == 0 ? Status{} : append_error(path_, errno);
}

}  // namespace assay::results
