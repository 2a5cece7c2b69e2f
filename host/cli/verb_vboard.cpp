#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/paths.h"
#include "base/subprocess.h"
#include "cli/verb.h"
#include "config/catalogue.h"
#include "farm/virtual_unit.h"

namespace assay::cli {
namespace {

struct VboardOptions {
  std::string board = "mps2-an386", state, mode = "exact";
  bool json = false, detach = true;
};

// Hands over to assay-vboard, which owns virtual boards, and passes its words and exit code on.
Result<Exit> hand_over(const VboardOptions& options, const std::string& verb) {
  ASSAY_TRY(const config::Board board, config::load_board(options.board));
  if (!board.has_emulator()) {
    return fail("config.value", fmt::format("board '{}' is no virtual board", options.board), "", "See `assay boards`.");
  }
  const auto state = options.state.empty() ? farm::default_unit_state(options.board) : std::filesystem::path(options.state);
  ProcessSpec spec{.argv = {(program_dir() / "assay-vboard").string(), verb, "--state", state.string()},
                   .out = Pipe::kInherit,
                   .err = Pipe::kInherit};
  if (verb == "start") {
    spec.argv.insert(spec.argv.end(), {"--board", options.board, "--mode", options.mode, "--detach"});
    spec.die_with_parent = false;
  }
  if (options.json && verb == "status") spec.argv.push_back("--json");
  ASSAY_TRY(Subprocess process, Subprocess::start(spec));
  ASSAY_TRY(const ExitStatus status, process.wait(Deadline::in(std::chrono::seconds(30))));
  return static_cast<Exit>(status.signal ? 128 + status.signal : status.code);
}

}  // namespace

void add_vboard(CLI::App& verb, Action& action) {
  verb.require_subcommand(1);
  auto options = std::make_shared<VboardOptions>();
  for (const auto& [name, summary] : {std::pair{"start", "Start one that outlives this command; runs then use it"},
                                      std::pair{"stop", "Stop it; its memories stay"}, std::pair{"status", "Is it running, and where"}}) {
    CLI::App* sub = verb.add_subcommand(name, summary);
    sub->add_option("-b,--board", options->board, "The board; see `assay boards`")->capture_default_str();
    sub->add_option("--state", options->state, "Its state folder (default: one per board)");
    if (std::string_view(name) == "start") {
      sub->add_option("--mode", options->mode, "exact: instruction counts valid; realtime: rates valid")
          ->check(CLI::IsMember({"exact", "realtime"}))
          ->capture_default_str();
    }
    sub->add_flag("--json", options->json, "Print JSON");
    sub->callback([&action, options, verb_name = std::string(name)] { action = [options, verb_name] { return hand_over(*options, verb_name); }; });
  }
}

}  // namespace assay::cli
