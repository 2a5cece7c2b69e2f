// The right to use a unit: one owner at a time on this computer, given back when its process ends in whatever
// way.
//
// A lease is an exclusive lock on <state>/locks/<unit>.lock, held by an open file description: the kernel
// drops it when the process dies, so a killed job leaves nothing to clean up. The file's content (who, what,
// since when) only serves the message that the second user gets; it is never evidence of ownership. The file
// is never removed: a lock on a removed file would exclude nobody.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/deadline.h"
#include "base/result.h"

namespace assay::farm {

struct LeaseOwner {
  pid_t pid = 0;        // 0: somebody, but who cannot be told
  std::string command;  // its command line
  std::string since;    // UTC, "2026-11-24T23:59:01Z"
};

class Lease {
 public:
  // Waits for the unit until `wait_until` (default: not at all). farm.unit_busy with the owner's pid and
  // command, base.file, base.interrupted.
  static Result<Lease> acquire(const std::string& unit, const std::string& command);
  static Result<Lease> acquire(const std::string& unit, const std::string& command, Deadline wait_until);

  Lease() = default;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  void release();  // idempotent
  bool held() const { return fd_ >= 0; }
  const std::string& unit() const { return unit_; }

 private:
  int fd_ = -1;
  std::string unit_;
};

// Who holds the unit now; nullopt when nobody does. Takes no lock, so it never makes somebody else's
// acquire() fail. base.file.
Result<std::optional<LeaseOwner>> lease_owner(const std::string& unit);
// The lock file of a unit; characters that a file name cannot have are written as %XX.
std::filesystem::path lease_file(const std::string& unit);

}  // namespace assay::farm
