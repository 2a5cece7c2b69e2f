#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/files.h"

namespace assay {
namespace {

constexpr auto kOwnerStep = std::chrono::milliseconds(5);
constexpr int kTries = 100;  // a lock file that is removed each time it was opened

struct flock whole_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool alive(pid_t pid) { return pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH); }

LockOwner read_owner(int fd) {
  char text[4096];
  const ssize_t got = pread(fd, text, sizeof text, 0);
  LockOwner owner;
  if (got <= 0) return owner;
  // The owner may be writing it right now: half a text is no text.
  const auto json = nlohmann::json::parse(text, text + got, nullptr, false);
  if (!json.is_object()) return owner;
  const auto take = [&](const char* name, std::string& into) {
    if (const auto found = json.find(name); found != json.end() && found->is_string())
      into = found->get<std::string>();
  };
  if (const auto pid = json.find("pid"); pid != json.end() && pid->is_number_integer())
    owner.pid = pid->get<pid_t>();
  take("command", owner.command);
  take("since", owner.since);
  return owner;
}

// Best effort: a full disk must not keep anybody from a lock.
void write_owner(int fd, const std::string& command) {
  const nlohmann::json json = {
      {"pid", getpid()},
      // A command line may hold any bytes; the file must stay JSON.
      {"command", command.substr(0, 1024)},
      {"since", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (ftruncate(fd, 0) == 0) [[maybe_unused]]
    const auto written = pwrite(fd, text.data(), text.size(), 0);
}

// The file may still name an owner that is gone, for the moment between a new owner's lock and its writing.
LockOwner living_owner(int fd) {
  LockOwner owner = read_owner(fd);
  for (int i = 0; i < 5 && !alive(owner.pid); ++i) {
    std::this_thread::sleep_for(kOwnerStep);
    owner = read_owner(fd);
  }
  return alive(owner.pid) ? owner : LockOwner{};
}

bool still_named(int fd, const std::filesystem::path& file) {
  struct stat opened = {}, named = {};
  return fstat(fd, &opened) == 0 && stat(file.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

}  // namespace

std::string describe(const LockOwner& owner) {
  if (owner.pid == 0) return "another process";
  return fmt::format("process {} ({}) since {}", owner.pid, owner.command, owner.since);
}

Result<std::optional<FileLock>> FileLock::take(const std::filesystem::path& file,
                                               const std::string& command) {
  for (int i = 0; i < kTries; ++i) {
    FileLock taken;
    taken.file_ = file;
    taken.fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (taken.fd_ < 0) return file_error("lock", file, errno);
    struct flock lock = whole_file(F_WRLCK);
    int asked = 0;
    while ((asked = fcntl(taken.fd_, F_OFD_SETLK, &lock)) != 0 && errno == EINTR) {
    }
    if (asked != 0 && (errno == EAGAIN || errno == EACCES)) return std::optional<FileLock>();
    if (asked != 0) return file_error("lock", file, errno);
    // A lock on a file that its last owner removed would exclude nobody.
    if (!still_named(taken.fd_, file)) continue;
    write_owner(taken.fd_, command);
    return std::optional<FileLock>(std::move(taken));
  }
  return fail("base.file", fmt::format("cannot lock {}: it is removed all the time", file.string()));
}

Result<std::optional<LockOwner>> FileLock::owner(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::optional<LockOwner>();
  if (fd < 0) return file_error("lock", file, errno);
  struct flock lock = whole_file(F_RDLCK);  // what a reader may ask for; an owner's write lock is in its way
  const int asked = fcntl(fd, F_OFD_GETLK, &lock);
  const int error = errno;
  std::optional<LockOwner> owner;
  if (asked == 0 && lock.l_type != F_UNLCK) owner = living_owner(fd);
  close(fd);
  if (asked != 0) return file_error("lock", file, error);
  return owner;
}

FileLock::FileLock(FileLock&& other) noexcept
    : file_(std::move(other.file_)), fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    file_ = std::move(other.file_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileLock::release() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void FileLock::remove_and_release() {
  if (fd_ >= 0) unlink(file_.c_str());
  release();
}

}  // namespace assay
