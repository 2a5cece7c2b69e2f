#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace assay {
namespace {

constexpr std::string_view kTemporary = ".tmp";

// The file that will become `path`: without a name while it is filled, so that a kill leaves nothing.
class Temporary {
 public:
  static Result<Temporary> open(const std::filesystem::path& path) {
    Temporary temporary;
    temporary.path_ = path;
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    temporary.fd_ = ::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
    if (temporary.fd_ < 0) {
      temporary.name();
      temporary.fd_ = ::open(temporary.named_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    if (temporary.fd_ < 0) return file_error("write", path, errno);
    return temporary;
  }
  Temporary(Temporary&& other) noexcept
      : path_(std::move(other.path_)),
        named_(std::exchange(other.named_, {})),
        fd_(std::exchange(other.fd_, -1)) {}
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary() {
    if (fd_ >= 0) close(fd_);
    if (!named_.empty()) unlink(named_.c_str());
  }

  // 0 or errno.
  int fill(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = write(fd_, bytes.data(), bytes.size());
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      if (sent < 0 && errno != EINTR) return errno;
    }
    return fsync(fd_) == 0 ? 0 : errno;
  }
  int publish() {
    if (named_.empty()) {  // only rename() replaces what is there, and it needs a name to begin with
      name();
      unlink(named_.c_str());
      const std::string self = fmt::format("/proc/self/fd/{}", fd_);
      if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, named_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
        named_.clear();
        return errno;
      }
    }
    if (rename(named_.c_str(), path_.c_str()) != 0) return errno;
    named_.clear();
    sync_folder(path_.parent_path());
    return 0;
  }

 private:
  Temporary() = default;
  void name() {
    static std::atomic<unsigned> count{0};  // two threads may write one file
    named_ = fmt::format("{}.{}.{}{}", path_.string(), getpid(), count++, kTemporary);
  }

  std::filesystem::path path_;
  std::string named_;  // the temporary's name while it has one
  int fd_ = -1;
};

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

tl::unexpected<Error> file_error(std::string_view verb, const std::filesystem::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? "base.disk_full" : "base.file",
              fmt::format("cannot {} {}: {}", verb, path.string(), strerror(error)));
}

Result<std::string> read_text(const std::filesystem::path& path) { return read_all<std::string>(path); }
Result<std::vector<uint8_t>> read_bytes(const std::filesystem::path& path) {
  return read_all<std::vector<uint8_t>>(path);
}

Status write_file(const std::filesystem::path& path, std::string_view bytes) {
  ASSAY_TRY(Temporary temporary, Temporary::open(path));
  int error = temporary.fill(bytes);
  if (error == 0) error = temporary.publish();
  return error == 0 ? Status{} : file_error("write", path, error);
}

Status write_file(const std::filesystem::path& path, std::span<const uint8_t> bytes) {
  return write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return file_error("create", path, error.value());
  return {};
}

bool is_temporary(const std::filesystem::path& path) { return path.extension() == kTemporary; }

void remove_temporaries(const std::filesystem::path& folder, std::chrono::seconds age) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat found = {};
    if (!is_temporary(entry->path()) || lstat(entry->path().c_str(), &found) != 0 || !S_ISREG(found.st_mode))
      continue;
    if (time(nullptr) - found.st_mtime >= age.count()) unlink(entry->path().c_str());
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace assay
