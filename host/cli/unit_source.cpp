#include "cli/unit_source.h"

#include <fmt/format.h>

#include "farm/process_unit.h"
#include "farm/virtual_unit.h"

namespace assay::cli {
namespace {

constexpr auto kStartBudget = std::chrono::seconds(20);

}  // namespace

std::string lease_name(const std::string& board, const std::string& unit) {
  return unit.empty() ? board : fmt::format("{}-{}", board, unit);
}

Result<probe::Unit> UnitSource::open(const std::filesystem::path& plan,
                                     const std::filesystem::path& log_folder) {
  const std::string& board = board_.board().name();
  if (board_.board().kind() == "process") {
    ASSAY_TRY(started_,
              farm::start_process_unit(board_, plan, log_folder / "console.log", Deadline::in(kStartBudget)));
    return started_->unit;
  }
  if (board_.board().kind() != "virtual") {
    return fail("farm.no_unit", fmt::format("no unit of '{}' is connected", board), "",
                "Plug one in, or choose a virtual board.");
  }
  const std::string name = lease_name(board, unit_);
  ASSAY_TRY(lease_, farm::Lease::acquire(name, command_));
  ASSAY_TRY(started_, farm::open_virtual_unit({.board = board,
                                               .state = farm::default_unit_state(name),
                                               .mode = any_mode_ ? "" : "exact",
                                               .log = log_folder / "vboard.log"},
                                              Deadline::in(kStartBudget)));
  return started_->unit;
}

void UnitSource::close() {
  started_.reset();
  lease_.reset();
}

}  // namespace assay::cli
