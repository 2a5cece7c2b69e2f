// Finds the unit that a verb works on: leased for this process, started when it is virtual or a process.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/board.pb.h"
#include "farm/lease.h"
#include "farm/started_unit.h"
#include "run/case_spec.h"

namespace assay::cli {

// What a lease and a state folder call a unit: "mps2-an386", "mps2-an386-two".
std::string lease_name(const std::string& board, const std::string& unit);

class UnitSource {
 public:
  // `unit`: which instance of the board; empty: the default one. `command` is what a second user is told.
  UnitSource(const config::Board& board, std::string unit, std::string command)
      : board_(board), unit_(std::move(unit)), command_(std::move(command)) {}

  // For what does not measure: a running virtual unit will do in whichever mode it runs.
  UnitSource& in_any_mode() {
    any_mode_ = true;
    return *this;
  }

  // The unit stays leased and running as long as this object. `start`: for boards that are a process. Codes:
  // farm.unit_busy, farm.no_unit (hardware: none is known), vboard.*, base.*.
  Result<probe::Unit> open(const run::ProcessStart& start, const std::filesystem::path& log_folder);
  // Stops what open() started and gives the lease back. Idempotent; the destructor does it too. After
  // the error `seen`: vboard.ended, or the virtual board's own last error, when the process behind the unit
  // had ended on its own.
  std::optional<Error> close(const Error* seen = nullptr);

 private:
  std::optional<Error> ended(const Error& seen) const;

  const config::Board& board_;
  std::string unit_, command_;
  std::filesystem::path log_;  // what the process behind the unit says
  bool any_mode_ = false;
  std::optional<farm::Lease> lease_;
  std::optional<farm::StartedUnit> started_;  // declared after the lease: it stops before the lease ends
};

}  // namespace assay::cli
