// A unit of a board that is a process of this computer: the agent built for the host, listening on a Unix
// socket.
#pragma once

#include <filesystem>

#include "base/deadline.h"
#include "config/board.pb.h"
#include "farm/started_unit.h"

namespace assay::farm {

// Starts `program` (empty: the board's firmware image, of the program folder) with `plan` as its model region
// (empty: none). `log` gets its stderr, from the first byte. vboard.start_failed, base.tool_missing,
// base.file, base.interrupted.
Result<StartedUnit> start_process_unit(const config::Board& board, const std::filesystem::path& program,
                                       const std::filesystem::path& plan, const std::filesystem::path& log,
                                       Deadline deadline);

}  // namespace assay::farm
