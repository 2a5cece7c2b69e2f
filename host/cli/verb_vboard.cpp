#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/paths.h"
#include "base/subprocess.h"
#include "cli/options.h"
#include "cli/unit_source.h"
#include "config/catalogue.h"
#include "farm/virtual_unit.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kBudget = std::chrono::seconds(30);

struct VboardOptions {
  std::string board = "mps2-an386", unit, state, mode = "exact";
  bool json = false;
};

// "assay-vboard: code: what (where)\n  remedy" as the Error that it was.
Error error_of(const std::string& words) {
  const std::string intro = "assay-vboard: ";
  const size_t code = words.find(intro), colon = words.find(": ", code + intro.size());
  if (code == std::string::npos || colon == std::string::npos)
    return {"vboard.start_failed", "assay-vboard says: " + words, "", ""};
  const size_t begin = code + intro.size(), end = std::min(words.find('\n', colon), words.size());
  return {words.substr(begin, colon - begin), words.substr(colon + 2, end - colon - 2), "", ""};
}

void print_unit(const Json& unit) {
  fmt::print("{} unit {} runs: pid {}, ST-LINK port {}, mode {}\n  serial {}\n  state  {}\n",
             unit.value("board", ""), unit.value("unit", ""), unit.value("pid", 0),
             unit.value("stlink_port", 0), unit.value("mode", ""), unit.value("serial", ""),
             unit.value("state", ""));
}

// Asks assay-vboard, which owns virtual boards.
Result<Exit> hand_over(const VboardOptions& options, const std::string& verb) {
  ASSAY_TRY(const config::Board board, config::load_board(options.board));
  if (!board.has_emulator()) {
    return fail("config.value", fmt::format("board '{}' is no virtual board", options.board), "",
                "See `assay boards`.");
  }
  const auto state = options.state.empty() ? farm::default_unit_state(lease_name(options.board, options.unit))
                                           : std::filesystem::path(options.state);
  ProcessSpec spec{.argv = {(program_dir() / "assay-vboard").string(), verb, "--state", state.string()}};
  if (verb == "start")
    spec.argv.insert(spec.argv.end(), {"--board", options.board, "--mode", options.mode, "--detach"});
  if (verb == "status") spec.argv.push_back("--json");
  ASSAY_TRY(const Output output, run_process(spec, Deadline::in(kBudget)));
  const auto exit = static_cast<Exit>(output.status.signal ? 128 + output.status.signal : output.status.code);
  if (!output.err.empty()) return fail(error_of(output.err));
  Json unit = Json::parse(output.out, nullptr, false);
  if (!unit.is_object()) unit = Json::object();
  unit.erase("event");
  if (!unit.contains("status")) unit["status"] = verb == "start" ? "running" : "stopped";
  if (!unit.contains("state")) unit["state"] = state.string();
  if (options.json) {
    fmt::print("{}\n", unit.dump(2));
  } else if (unit.contains("pid")) {
    print_unit(unit);
  } else {
    fmt::print("{}: no virtual board runs\n", state.string());
  }
  return exit;
}

}  // namespace

void add_vboard(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<VboardOptions>();
  Options all(verb);
  for (const auto& [name, summary] :
       {std::pair{"start", "Start one that outlives this command; runs then use it"},
        std::pair{"stop", "Stop it; its memories stay"},
        std::pair{"status", "Is it running, and where (exit code 4: it is not)"}}) {
    Options options = all.below(name, summary);
    options.option("-b,--board", choice->board, "The board; see `assay boards`");
    options.option("--unit", choice->unit, "Which unit of the board");
    options.option("--state", choice->state, "Its state folder, instead of the unit's own");
    if (std::string_view(name) == "start") {
      options.option("--mode", choice->mode, "exact: instruction counts valid; realtime: rates valid")
          .among({"exact", "realtime"});
    }
    options.flag("--json", choice->json, "Print JSON");
    options.on_chosen(action,
                      [choice, verb_name = std::string(name)] { return hand_over(*choice, verb_name); });
  }
}

}  // namespace assay::cli
