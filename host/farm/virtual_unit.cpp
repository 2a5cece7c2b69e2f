#include "farm/virtual_unit.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"
#include "farm/lease.h"

namespace assay::farm {
namespace {

// A live unit's answer to `status` takes milliseconds.
constexpr auto kStatusBudget = std::chrono::seconds(5);

std::string vboard_program() { return (program_dir() / "assay-vboard").string(); }

// The unit of a ready line or a status line: {"unit","board","mode","stlink_port","serial":"unix:/path",...}.
Result<probe::Unit> unit_of(const std::string& line, const VirtualUnitOptions& options) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  auto text = [&json](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto bad = [&](const std::string& what) {
    return fail("vboard.bad_state", fmt::format("assay-vboard's line {}: '{}'", what, line.substr(0, 200)),
                options.state.string());
  };
  if (!json.is_object()) return bad("is not a JSON object");
  const auto port = json.find("stlink_port");
  if (port == json.end() || !port->is_number_integer() || *port < 1 || *port > 65535)
    return bad("names no stlink_port");
  probe::Unit unit{text("board"), text("unit"), text("serial"), {port->get<uint16_t>(), text("unit")}};
  if (unit.id.empty() || unit.serial_address.empty()) return bad("lacks unit or serial");
  if (unit.board != options.board || (!options.mode.empty() && text("mode") != options.mode)) {
    return fail(
        "vboard.wrong_unit",
        fmt::format("the virtual unit that runs there is board '{}' in mode {}, wanted is '{}' in mode {}",
                    unit.board, text("mode"), options.board, options.mode),
        options.state.string());
  }
  return unit;
}

// The status line of a running unit; empty when none runs there.
Result<std::string> running_unit(const std::filesystem::path& state) {
  auto status = run_process({.argv = {vboard_program(), "status", "--state", state.string(), "--json"}},
                            Deadline::in(kStatusBudget));
  if (!status) return fail(status.error());
  if (status->status.signal != 0 || status->status.code != 0) return std::string();
  const auto json = nlohmann::json::parse(status->out, nullptr, false);
  if (!json.is_object())
    return fail("vboard.bad_state", fmt::format("assay-vboard status says: '{}'", status->out.substr(0, 200)),
                state.string());
  const auto word = json.find("status");
  return word != json.end() && *word == "running" ? status->out : std::string();
}

std::string words_since(const std::filesystem::path& log, size_t begin) {
  auto text = read_text(log);
  if (!text || text->size() <= begin) return "nothing";
  std::string words = text->substr(begin);
  while (!words.empty() && words.back() == '\n') words.pop_back();
  return words.size() > 1000 ? "..." + words.substr(words.size() - 1000) : words;
}

Result<StartedUnit> start_unit(const VirtualUnitOptions& options, Deadline deadline) {
  const auto log = options.log.empty() ? options.state / "vboard.log" : options.log;
  std::error_code absent;
  const auto before = std::filesystem::file_size(log, absent);
  ProcessSpec spec{.argv = {vboard_program(), "start", "--board", options.board, "--state",
                            options.state.string(), "--mode", options.mode.empty() ? "exact" : options.mode},
                   .err = Pipe::kFile,
                   .err_file = log};
  StartedUnit started;
  ASSAY_TRY(started.process, Subprocess::start(spec));
  started.folder = options.state;
  auto line = started.process.read_line(deadline);
  if (!line) {
    if (line.error().code == "base.interrupted") return fail(line.error());
    const bool late = line.error().code == "base.process_timeout";
    const ExitStatus end = started.process.stop(std::chrono::seconds(1));
    return fail("vboard.start_failed",
                fmt::format("assay-vboard {}; it said: {}",
                            late ? "was not ready in time" : "ended with " + end.text(),
                            words_since(log, absent ? 0 : before)),
                options.state.string());
  }
  ASSAY_TRY(started.unit, unit_of(*line, options));
  return started;
}

}  // namespace

// Named as its lock is, so that no unit's name leads out of the folder.
std::filesystem::path default_unit_state(const std::string& board) {
  return state_dir() / "units" / lease_file(board).stem();
}

Result<StartedUnit> open_virtual_unit(const VirtualUnitOptions& given, Deadline deadline) {
  VirtualUnitOptions options = given;
  if (options.state.empty()) options.state = default_unit_state(options.board);
  ASSAY_CHECK(make_directories(options.state));
  ASSAY_TRY(const std::string running, running_unit(options.state));
  if (running.empty()) return start_unit(options, deadline);
  StartedUnit borrowed;
  borrowed.folder = options.state;
  ASSAY_TRY(borrowed.unit, unit_of(running, options));
  return borrowed;
}

}  // namespace assay::farm
