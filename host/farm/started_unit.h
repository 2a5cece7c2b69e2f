// A unit together with the process behind it, as long as this object lives.
//
// Two kinds of board are started on demand: virtual ones (virtual_unit.h) and ones that are a process of this
// computer (process_unit.h). Take the lease of the unit first (lease.h): starting one twice is an error.
#pragma once

#include <filesystem>

#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "probe/unit.h"

namespace assay::farm {

struct StartedUnit {
  probe::Unit unit;
  Subprocess process;            // not running when the unit was found running and is only borrowed
  std::filesystem::path folder;  // virtual: its state; process: its private folder, removed on stop
  ScratchFolder scratch;         // that private folder

  StartedUnit() = default;
  StartedUnit(StartedUnit&& other) noexcept;
  StartedUnit& operator=(StartedUnit&& other) noexcept;
  ~StartedUnit();

  bool borrowed() const { return process.pid() < 0; }
  // Ends what was started here (a borrowed unit goes on). Idempotent; the destructor does it too.
  void stop();
};

}  // namespace assay::farm
