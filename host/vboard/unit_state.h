// The state folder of one virtual unit: who runs it (lock), what it is (unit.json), its serial number and its
// sockets.
//
// lock       held by flock while the unit runs, so that a killed process never leaves it locked; contains the
// pid unit.json  the ready line, only while the unit runs
// *.mem      kept memories
// qemu.log   what QEMU printed;  vboard.log  what a detached unit printed
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace assay::vboard {

class UnitState {
 public:
  // Creates the folder when needed and takes the lock; removes the sockets of a unit that was killed.
  // vboard.state_busy with the owner's pid; base.file.
  static Result<UnitState> acquire(const std::filesystem::path& folder);
  UnitState() = default;
  UnitState(UnitState&& other) noexcept;
  UnitState& operator=(UnitState&& other) noexcept;
  // Removes unit.json and the sockets, releases the lock.
  ~UnitState();

  const std::filesystem::path& folder() const { return folder_; }
  const std::filesystem::path& sockets() const { return sockets_; }
  // "VB" and twelve hex digits of the folder's path: stable, and different for each unit of a computer.
  std::string serial() const;
  // Makes the unit known: writes unit.json.
  Status publish(std::string_view json) const;

  // The owner's pid, nullopt when no unit runs on this folder.
  static std::optional<pid_t> owner(const std::filesystem::path& folder);
  static std::filesystem::path unit_file(const std::filesystem::path& folder) { return folder / "unit.json"; }

 private:
  Status make_sockets_folder();
  void remove_stale_sockets() const;

  std::filesystem::path folder_, sockets_;
  int lock_fd_ = -1;
};

}  // namespace assay::vboard
