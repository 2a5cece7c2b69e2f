#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/files.h"
#include "base/paths.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/unit_source.h"
#include "config/catalogue.h"
#include "model/planner.h"
#include "model/tflite_import.h"
#include "run/device.h"

namespace assay::cli {
namespace {

struct FlashOptions {
  std::string board = "mps2-an386", unit, model;
  bool json = false, quiet = false;
};

Result<std::vector<uint8_t>> plan_of(const config::Board& board, const std::string& file) {
  if (file.empty()) return std::vector<uint8_t>{};
  ASSAY_TRY(const auto bytes, read_bytes(file));
  ASSAY_TRY(const model::Graph graph,
            model::import_tflite(bytes, std::filesystem::path(file).filename().string()));
  ASSAY_TRY(model::Plan plan,
            model::make_plan(graph,
                             {.core = board.board().core(),
                              .region_bytes = static_cast<uint64_t>(board.model_region().size()),
                              .arena_bytes = static_cast<uint64_t>(board.model_region().arena_bytes())},
                             sha256_hex(bytes)));
  return std::move(plan.bytes);
}

Result<Exit> flash(const FlashOptions& options) {
  ASSAY_TRY(const config::Board board, config::load_board(options.board));
  if (!board.has_probe()) {
    return fail("probe.unsupported",
                fmt::format("board '{}' has no probe: there is nothing to flash", options.board));
  }
  ASSAY_TRY(const auto plan, plan_of(board, options.model));
  const std::filesystem::path folder = state_dir() / "flash";
  ASSAY_CHECK(make_directories(folder));
  UnitSource source(board, options.unit, "assay flash --board " + options.board);
  ProgressLines progress(options.quiet || options.json);
  ASSAY_TRY(const probe::Unit unit, source.in_any_mode().open({}, folder));
  ASSAY_TRY(const probe::Identity identity,
            run::write_board(board, run::firmware_image(board), plan, unit, 1, folder, progress));
  if (options.json) {
    const nlohmann::ordered_json object = {{"board", options.board},
                                           {"unit", unit.id},
                                           {"firmware", run::firmware_image(board).string()},
                                           {"plan_bytes", plan.size()},
                                           {"verified", true},
                                           {"tool", identity.tool},
                                           {"tool_version", identity.tool_version}};
    fmt::print("{}\n", object.dump(2));
  } else {
    fmt::print("{} unit {} is flashed and verified ({} {})\n", options.board, unit.id, identity.tool,
               identity.tool_version);
  }
  return Exit::kPass;
}

}  // namespace

void add_flash(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<FlashOptions>();
  Options options(verb);
  options.option("-b,--board", choice->board, "The board; see `assay boards`");
  options.option("--unit", choice->unit, "Which unit of the board");
  options.option("--model", choice->model, "Also write the plan of this .tflite into the model region");
  options.flag("-q,--quiet", choice->quiet, "No progress");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return flash(*choice); });
}

}  // namespace assay::cli
