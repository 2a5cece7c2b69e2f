#include "vboard/unit_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/digest.h"
#include "base/files.h"

namespace assay::vboard {
namespace {

constexpr const char* kLockName = "lock";
constexpr const char* kSocketsName = "sockets";  // holds the path of the sockets' folder
constexpr std::string_view kSocketsPrefix = "assay-vboard-";
// Not ten: OpenOCD takes a serial number of twelve characters for the binary one of old probes and never
// matches it.
constexpr size_t kSerialDigits = 12;

pid_t read_pid(int fd) {
  char text[32] = {};
  return pread(fd, text, sizeof text - 1, 0) > 0 ? static_cast<pid_t>(atol(text)) : 0;
}

}  // namespace

Result<UnitState> UnitState::acquire(const std::filesystem::path& folder) {
  ASSAY_CHECK(make_directories(folder));
  UnitState state;
  std::error_code error;
  const auto canonical = std::filesystem::canonical(folder, error);
  if (error) return fail("base.file", fmt::format("cannot open {}: {}", folder.string(), error.message()));
  const auto lock = canonical / kLockName;
  const int fd = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return fail("base.file", fmt::format("cannot open {}: {}", lock.string(), strerror(errno)));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const pid_t owner = read_pid(fd);
    close(fd);
    return fail("vboard.state_busy",
                fmt::format("process {} already runs a virtual board on this state folder", owner),
                canonical.string());
  }
  state.folder_ = canonical;
  state.lock_fd_ = fd;
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return fail("base.file", fmt::format("cannot write {}: {}", lock.string(), strerror(errno)));
  }
  state.remove_stale_sockets();
  ASSAY_CHECK(state.make_sockets_folder());
  return state;
}

Status UnitState::make_sockets_folder() {
  // A socket's path holds 107 bytes and travels in JSON: short and plain, or /tmp.
  const char* base = getenv("XDG_RUNTIME_DIR");
  const auto plain = [](std::string_view text) {
    return text.starts_with('/') && text.size() <= 60 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
  };
  if (!base || !plain(base) || access(base, W_OK) != 0) base = "/tmp";
  std::string pattern = fmt::format("{}/{}XXXXXX", base, kSocketsPrefix);
  if (!mkdtemp(pattern.data())) {
    return fail("base.file", fmt::format("cannot create {}: {}", pattern, strerror(errno)));
  }
  sockets_ = pattern;
  return write_file(folder_ / kSocketsName, pattern + "\n");
}

void UnitState::remove_stale_sockets() const {
  auto text = read_text(folder_ / kSocketsName);
  if (!text) return;
  while (!text->empty() && text->back() == '\n') text->pop_back();
  const std::filesystem::path old(*text);
  std::error_code ignored;
  // The file may have been edited: remove only what this program names so.
  if (old.filename().string().rfind(kSocketsPrefix, 0) == 0) std::filesystem::remove_all(old, ignored);
  std::filesystem::remove(unit_file(folder_), ignored);
}

UnitState::UnitState(UnitState&& other) noexcept { *this = std::move(other); }

UnitState& UnitState::operator=(UnitState&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(sockets_, other.sockets_);
  std::swap(lock_fd_, other.lock_fd_);
  return *this;
}

UnitState::~UnitState() {
  if (lock_fd_ < 0) return;
  std::error_code ignored;
  std::filesystem::remove(unit_file(folder_), ignored);
  if (!sockets_.empty()) std::filesystem::remove_all(sockets_, ignored);
  std::filesystem::remove(folder_ / kSocketsName, ignored);
  close(lock_fd_);  // releases it; the file stays, so that two starters always lock the same one
}

std::string UnitState::serial() const {
  std::string digits = sha256_hex(std::string_view(folder_.native())).substr(0, kSerialDigits);
  for (char& c : digits) c = static_cast<char>(toupper(c));
  return "VB" + digits;
}

Status UnitState::publish(std::string_view json) const {
  return write_file(unit_file(folder_), std::string(json) + "\n");
}

std::optional<pid_t> UnitState::owner(const std::filesystem::path& folder) {
  const int fd = open((folder / kLockName).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::optional<pid_t> owner;
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) owner = read_pid(fd);
  close(fd);
  return owner;
}

}  // namespace assay::vboard
