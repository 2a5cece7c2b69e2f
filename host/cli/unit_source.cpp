#include "cli/unit_source.h"

#include <fmt/format.h>

#include "base/error_codes.h"
#include "base/files.h"
#include "farm/process_unit.h"
#include "farm/virtual_unit.h"

namespace assay::cli {
namespace {

constexpr auto kEndBudget = std::chrono::milliseconds(500);
constexpr auto kStartBudget = std::chrono::seconds(20);

}  // namespace

std::string lease_name(const std::string& board, const std::string& unit) {
  return unit.empty() ? board : fmt::format("{}-{}", board, unit);
}

Result<probe::Unit> UnitSource::open(const run::ProcessStart& start,
                                     const std::filesystem::path& log_folder) {
  const std::string& board = board_.board().name();
  const bool process = board_.board().kind() == "process";
  log_ = log_folder / (process ? "console.log" : "vboard.log");
  if (process) {
    ASSAY_TRY(started_,
              farm::start_process_unit(board_, start.program, start.plan, log_, Deadline::in(kStartBudget)));
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
                                               .log = log_},
                                              Deadline::in(kStartBudget)));
  return started_->unit;
}

std::optional<Error> UnitSource::ended(const Error& seen) const {
  const auto how = started_->process.exit_status();
  // A process board ends in good order when its host hangs up: that explains only a line that went first.
  if (how && how->signal == 0 && how->code == 0 && seen.code != "link.lost") return std::nullopt;
  const std::string text = read_text(log_).value_or("");
  Error error{"vboard.ended",
              fmt::format("the process behind unit {} ended on its own ({})", started_->unit.id,
                          how ? how->text() : "unknown"),
              "", ""};
  // Its last words are "assay-vboard: <code>: <message>".
  constexpr std::string_view kName = "assay-vboard: ";
  const auto at = text.rfind(kName);
  if (at == std::string::npos) return error;
  const std::string line = text.substr(at + kName.size(), text.find('\n', at) - at - kName.size());
  if (const std::string code = line.substr(0, line.find(": ")); find_error_code(code)) {
    error.code = code;
    error.message += line.substr(code.size());
  }
  return error;
}

std::optional<Error> UnitSource::close(const Error* seen) {
  std::optional<Error> reason;
  if (seen && started_ && !started_->borrowed()) {
    // The line breaks a moment before the process that was behind it is gone.
    if (started_->process.wait(Deadline::in(kEndBudget))) reason = ended(*seen);
  }
  started_.reset();
  lease_.reset();
  return reason;
}

}  // namespace assay::cli
