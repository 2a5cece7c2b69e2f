// The virtual unit of a board: `assay-vboard` started as a process, or one that runs already.
//
// A unit is its state folder (kept memories, sockets). The default one of a board is <state>/units/<board>; a
// unit that was started there with --detach is used as it is, and stays when this program ends.
#pragma once

#include <filesystem>
#include <string>

#include "base/deadline.h"
#include "farm/started_unit.h"

namespace assay::farm {

struct VirtualUnitOptions {
  std::string board;
  std::filesystem::path state;  // empty: the board's default
  std::string mode = "exact";   // or "realtime"; empty: whichever runs, exact when none does
  std::filesystem::path log;    // what assay-vboard prints to stderr; empty: <state>/vboard.log
};

std::filesystem::path default_unit_state(const std::string& board);

// Starts or borrows. vboard.start_failed (with assay-vboard's words), vboard.wrong_unit (the running one is
// another board or mode), vboard.bad_state (its JSON line), base.file, base.interrupted.
Result<StartedUnit> open_virtual_unit(const VirtualUnitOptions& options, Deadline deadline);

}  // namespace assay::farm
