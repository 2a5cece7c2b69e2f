#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"
#include "cli/options.h"
#include "cli/unit_source.h"
#include "config/catalogue.h"
#include "probe/probe.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

struct ResetOptions {
  std::string board = "mps2-an386", unit;
  bool halt = false, json = false;
};

Result<Exit> reset(const ResetOptions& options) {
  ASSAY_TRY(const config::Board board, config::load_board(options.board));
  if (!board.has_probe()) {
    return fail("probe.unsupported",
                fmt::format("board '{}' has no probe that could reset it", options.board), "",
                board.board().kind() == "process"
                    ? "Each command starts a process board anew: there is nothing to reset."
                    : "Press its reset button.");
  }
  const std::filesystem::path folder = state_dir() / "reset";
  ASSAY_CHECK(make_directories(folder));
  UnitSource source(board, options.unit, "assay reset --board " + options.board);
  ASSAY_TRY(const probe::Unit unit, source.in_any_mode().open({}, folder));
  ASSAY_TRY(auto probe, probe::open_probe(board, unit.probe,
                                          {.log = folder / results::file::kProbeLog, .on_progress = {}}));
  ASSAY_CHECK(probe->reset(options.halt ? probe::ResetMode::kHalt : probe::ResetMode::kRun));
  const probe::Identity identity = probe->identity();
  probe->close();
  const char* state = options.halt ? "halted" : "running";
  if (options.json) {
    const nlohmann::ordered_json object = {{"board", options.board},
                                           {"unit", unit.id},
                                           {"core", state},
                                           {"tool", identity.tool},
                                           {"tool_version", identity.tool_version}};
    fmt::print("{}\n", object.dump(2));
  } else {
    fmt::print("{} unit {} was reset and is {} ({} {})\n", options.board, unit.id, state, identity.tool,
               identity.tool_version);
  }
  return Exit::kPass;
}

}  // namespace

void add_reset(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ResetOptions>();
  Options options(verb);
  options.option("-b,--board", choice->board, "The board; see `assay boards`");
  options.option("--unit", choice->unit, "Which unit of the board");
  options.flag("--halt", choice->halt, "Stop the core at its first instruction");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return reset(*choice); });
}

}  // namespace assay::cli
