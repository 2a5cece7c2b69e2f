// A virtual unit while it runs: emulator, debug logic, kept memory and probe front ends, served by one
// thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "config/board.pb.h"
#include "vboard/emulator.h"
#include "vboard/unit_state.h"

namespace assay::vboard {

struct UnitOptions {
  config::Board board;
  std::filesystem::path state;
  Mode mode = Mode::kExact;
  std::optional<std::chrono::seconds>
      idle_exit;  // end after this long without a probe client or a serial client
  bool end_with_stdin = false;
};

// Runs until SIGTERM or SIGINT, idle exit or the end of stdin. `ready` gets the ready line (JSON, no newline)
// once. vboard.qemu_died, vboard.qemu_silent, vboard.state_busy, vboard.not_virtual, vboard.listen,
// base.tool_missing, base.file, config.value.
Status run_unit(const UnitOptions& options, const std::function<void(const std::string&)>& ready);

}  // namespace assay::vboard
