#include "farm/lease.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/paths.h"

namespace assay::farm {
namespace {

constexpr auto kRetryStep = std::chrono::milliseconds(50);
constexpr auto kOwnerStep = std::chrono::milliseconds(5);

// A lock of the open file description (not of the process, as plain fcntl locks are): two leases in one
// process exclude each other too, and closing another descriptor of the same file drops nothing. Unlike
// flock() it can be asked for without being taken.
struct flock whole_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

tl::unexpected<Error> lock_error(const std::filesystem::path& file, int error) {
  return fail("base.file", fmt::format("cannot lock {}: {}", file.string(), strerror(error)));
}

Result<int> open_lock(const std::filesystem::path& file) {
  ASSAY_CHECK(make_directories(file.parent_path()));
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return lock_error(file, errno);
  return fd;
}

LeaseOwner read_owner(int fd) {
  char text[4096];
  const ssize_t got = pread(fd, text, sizeof text, 0);
  LeaseOwner owner;
  if (got <= 0) return owner;
  // The owner may be writing it right now: half a text is no text.
  const auto json = nlohmann::json::parse(text, text + got, nullptr, false);
  if (!json.is_object()) return owner;
  if (const auto pid = json.find("pid"); pid != json.end() && pid->is_number_integer())
    owner.pid = pid->get<pid_t>();
  if (const auto command = json.find("command"); command != json.end() && command->is_string()) {
    owner.command = command->get<std::string>();
  }
  if (const auto since = json.find("since"); since != json.end() && since->is_string())
    owner.since = since->get<std::string>();
  return owner;
}

Status write_owner(int fd, const std::filesystem::path& file, const std::string& command) {
  const nlohmann::json json = {
      {"pid", getpid()},
      // A command line may hold any bytes; the file must stay JSON.
      {"command", command.substr(0, 1024)},
      {"since", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return lock_error(file, errno);
  }
  return {};
}

// The file may still name an owner that is gone, for the moment between a new owner's lock and its writing.
LeaseOwner living_owner(int fd) {
  LeaseOwner owner = read_owner(fd);
  for (int i = 0; i < 5 && (owner.pid <= 0 || (kill(owner.pid, 0) != 0 && errno == ESRCH)); ++i) {
    std::this_thread::sleep_for(kOwnerStep);
    owner = read_owner(fd);
  }
  return owner.pid > 0 && (kill(owner.pid, 0) == 0 || errno != ESRCH) ? owner : LeaseOwner{};
}

std::string describe(const LeaseOwner& owner) {
  if (owner.pid == 0) return "another process";
  return fmt::format("process {} ({}) since {}", owner.pid, owner.command, owner.since);
}

}  // namespace

std::filesystem::path lease_file(const std::string& unit) {
  std::string name;
  for (const char c : unit) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || (c == '.' && !name.empty());
    name += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return state_dir() / "locks" / (name + ".lock");
}

Result<Lease> Lease::acquire(const std::string& unit, const std::string& command) {
  return acquire(unit, command, Deadline::in(std::chrono::nanoseconds(0)));
}

Result<Lease> Lease::acquire(const std::string& unit, const std::string& command, Deadline wait_until) {
  const auto file = lease_file(unit);
  Lease lease;
  ASSAY_TRY(lease.fd_, open_lock(file));
  lease.unit_ = unit;
  for (;;) {
    struct flock lock = whole_file(F_WRLCK);
    if (fcntl(lease.fd_, F_OFD_SETLK, &lock) == 0) {
      ASSAY_CHECK(write_owner(lease.fd_, file, command));
      return lease;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EACCES) return lock_error(file, errno);
    if (interrupted()) return fail(interruption());
    if (wait_until.passed()) {
      return fail("farm.unit_busy",
                  fmt::format("unit '{}' is in use by {}", unit, describe(living_owner(lease.fd_))),
                  file.string());
    }
    std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(kRetryStep, wait_until.left()));
  }
}

Lease::Lease(Lease&& other) noexcept : fd_(std::exchange(other.fd_, -1)), unit_(std::move(other.unit_)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    fd_ = std::exchange(other.fd_, -1);
    unit_ = std::move(other.unit_);
  }
  return *this;
}

Lease::~Lease() { release(); }

void Lease::release() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Result<std::optional<LeaseOwner>> lease_owner(const std::string& unit) {
  const auto file = lease_file(unit);
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::optional<LeaseOwner>();
  if (fd < 0) return lock_error(file, errno);
  struct flock lock = whole_file(F_WRLCK);
  const int asked = fcntl(fd, F_OFD_GETLK, &lock);
  const int error = errno;
  std::optional<LeaseOwner> owner;
  if (asked == 0 && lock.l_type != F_UNLCK) owner = living_owner(fd);
  close(fd);
  if (asked != 0) return lock_error(file, error);
  return owner;
}

}  // namespace assay::farm
