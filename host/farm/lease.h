// The right to use a unit: one owner at a time on this computer, given back when its process ends in whatever
// way.
//
// A lease is a lock (base/file_lock.h) on <state>/locks/<unit>.lock: the kernel drops it when the process
// dies, so a killed job leaves nothing to clean up. The file is never removed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/deadline.h"
#include "base/file_lock.h"
#include "base/result.h"

namespace assay::farm {

class Lease {
 public:
  // Waits for the unit until `wait_until` (default: not at all). farm.unit_busy with the owner's pid and
  // command, base.file (a state folder that cannot be written: the remedy names ASSAY_STATE_DIR),
  // base.interrupted.
  static Result<Lease> acquire(const std::string& unit, const std::string& command);
  static Result<Lease> acquire(const std::string& unit, const std::string& command, Deadline wait_until);

  void release() { lock_.release(); }  // idempotent
  bool held() const { return lock_.held(); }
  const std::string& unit() const { return unit_; }

 private:
  FileLock lock_;
  std::string unit_;
};

// Who holds the unit now; nullopt when nobody does. Takes no lock, so it never makes somebody else's
// acquire() fail. base.file.
Result<std::optional<LockOwner>> lease_owner(const std::string& unit);
// The lock file of a unit; characters that a file name cannot have are written as %XX.
std::filesystem::path lease_file(const std::string& unit);

}  // namespace assay::farm
