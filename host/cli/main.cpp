#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/interrupt.h"
#include "cli/terminal.h"
#include "cli/verb.h"

namespace assay::cli {
namespace {

constexpr Verb kVerbs[] = {
    {"run", "Run a model on a board and judge it", "assay run profiles/digits --board posix", add_run},
    {"check", "Check a profile, its model and its data without a board", "assay check profiles/digits", add_check},
    {"show", "Show the result of a run", "assay show @last", add_show},
    {"runs", "List the runs of an out folder, newest first", "assay runs --limit 5", add_runs},
    {"report", "Write the reports of a run again", "assay report @last --format html", add_report},
    {"data", "Look into a dataset, or vouch for its files", "assay data ls profiles/digits", add_data},
    {"model", "Look into a model: its operators, its plan for a board", "assay model info profiles/digits/model_int8.tflite", add_model},
    {"boards", "List the boards that Assay knows", "assay boards", add_boards},
    {"flash", "Bring the stock agent, and a model, onto a board", "assay flash --board mps2-an386", add_flash},
    {"vboard", "Start, stop and inspect a virtual board", "assay vboard status --board mps2-an386", add_vboard},
    {"gc", "Delete old or incomplete runs", "assay gc --older-than 90d --dry-run", add_gc},
    {"reindex", "Make the index of the runs again", "assay reindex", add_reindex},
    {"doctor", "Check that everything a run needs is here", "assay doctor", add_doctor},
};

constexpr const char* kExitCodes =
    "Exit codes: 0 pass, 1 gate failed, 2 usage or configuration, 3 infrastructure, 4 no board or lease,\n"
    "5 inconclusive, 6 target fault, 130 interrupted, 143 terminated.";

// Errors are one block on stderr, or one JSON object on stdout when the verb was asked for JSON.
int report_error(const Error& error, bool json) {
  print_error(error, json);
  if (error.code == "base.interrupted") return 128 + interrupted();
  return static_cast<int>(exit_code_of(error.code));
}

int main_of(int argc, char** argv) {
  install_interrupt_handlers();
  CLI::App app("Assay tests and profiles machine-learning models on real microcontroller boards.", "assay");
  app.set_version_flag("--version", "assay " ASSAY_VERSION);
  app.require_subcommand(1);
  app.footer(kExitCodes);
  Action action;
  for (const Verb& verb : kVerbs) {
    CLI::App* sub = app.add_subcommand(std::string(verb.name), std::string(verb.summary));
    sub->footer(fmt::format("Example: {}", verb.example));
    verb.add(*sub, action);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : (app.exit(error), static_cast<int>(Exit::kUsage));
  }
  auto outcome = action();
  if (!outcome) return report_error(outcome.error(), json_wanted(argc, argv));
  return static_cast<int>(*outcome);
}

}  // namespace
}  // namespace assay::cli

int main(int argc, char** argv) { return assay::cli::main_of(argc, argv); }
