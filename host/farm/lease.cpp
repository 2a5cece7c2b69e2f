#include "farm/lease.h"

#include <fmt/format.h>

#include <cctype>
#include <thread>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/paths.h"

namespace assay::farm {
namespace {

constexpr auto kRetryStep = std::chrono::milliseconds(50);

// A home that cannot be written is common on build servers; the message must say what to set.
tl::unexpected<Error> with_remedy(Error error) {
  if (error.code == "base.file")
    error.remedy = "Set ASSAY_STATE_DIR to a folder that you may write; locks and virtual units live there.";
  return fail(std::move(error));
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
  if (auto made = make_directories(file.parent_path()); !made) return with_remedy(made.error());
  for (;;) {
    auto lock = FileLock::take(file, command);
    if (!lock) return with_remedy(lock.error());
    if (*lock) {
      Lease lease;
      lease.lock_ = std::move(**lock);
      lease.unit_ = unit;
      return lease;
    }
    if (interrupted()) return fail(interruption());
    if (wait_until.passed()) {
      const auto owner = FileLock::owner(file);
      return fail("farm.unit_busy",
                  fmt::format("unit '{}' is in use by {}", unit,
                              describe(owner ? owner->value_or(LockOwner{}) : LockOwner{})),
                  file.string());
    }
    std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(kRetryStep, wait_until.left()));
  }
}

Result<std::optional<LockOwner>> lease_owner(const std::string& unit) {
  return FileLock::owner(lease_file(unit));
}

}  // namespace assay::farm
