#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <vector>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/standard_output.h"
#include "cli/command_line.h"
#include "cli/terminal.h"
#include "cli/verb.h"

namespace assay::cli {
namespace {

// Verbs without a summary are for shells and packages: help does not list them.
// clang-format off
constexpr Verb kVerbs[] = {
    {"run", "Run a model on a board and judge it", "assay run profiles/digits --board posix", add_run},
    {"init", "Write a first profile of a model or a program, with questions for the rest", "assay init --from profiles/digits/model_int8.tflite --out mine", add_init},
    {"check", "Check a profile, its model and its data without a board", "assay check profiles/digits", add_check},
    {"whatif", "Compare the alternatives of a model on a board", "assay whatif profiles/watch_raw --limit 100", add_whatif},
    {"show", "Show the result of a run", "assay show @last", add_show},
    {"runs", "List the runs of an out folder, newest first", "assay runs --limit 5", add_runs},
    {"flips", "List the samples whose answer changed, confident ones first", "assay flips @last", add_flips},
    {"diverge", "Find the first operator that differs from the host build", "assay diverge @last --samples worst:1", add_diverge},
    {"compare", "Compare two runs, or a run and its baseline", "assay compare @last @last", add_compare},
    {"baseline", "Write the figures that runs are held to, and hold a run to them", "assay baseline update @last", add_baseline},
    {"report", "Write the reports of a run again", "assay report @last --format html", add_report},
    {"export", "Write the tables of a run for pandas and NumPy", "assay export @last --format csv", add_export},
    {"bisect", "Find the commit that broke a run", "assay bisect --good HEAD~8 --bad HEAD -- assay run profiles/digits", add_bisect},
    {"data", "Look into datasets, mine runs for weak slices, import, vouch for files", "assay data ls profiles/digits", add_data},
    {"model", "Look into a model: its operators, its plan for a board", "assay model info profiles/digits/model_int8.tflite", add_model},
    {"size", "Show what the bytes of a firmware are for, or what changed between two", "assay size mps2-an386 --by operator", add_size},
    {"boards", "List the boards that Assay knows", "assay boards", add_boards},
    {"flash", "Bring the stock agent, and a model, onto a board", "assay flash --board mps2-an386", add_flash},
    {"attach", "Show what the firmware of a board says", "assay attach --board posix --for 1", add_attach},
    {"observe", "Watch an application that infers by itself: latency, deadlines, stack, resets", "assay observe --board posix --firmware build/app --for 10m --deadline 20ms", add_observe},
    {"reset", "Reset a board through its debug probe", "assay reset --board mps2-an386", add_reset},
    {"vboard", "Start, stop and inspect a virtual board", "assay vboard status --board mps2-an386", add_vboard},
    {"gc", "Delete old or incomplete runs", "assay gc --older-than 90d --dry-run", add_gc},
    {"reindex", "Make the index of the runs again", "assay reindex", add_reindex},
    {"doctor", "Check that everything a run needs is here", "assay doctor", add_doctor},
    {"explain", "Explain an error code", "assay explain link.port_busy", add_explain},
    {"completions", "Print the completion script of a shell", "assay completions bash", add_completions},
    {"complete", "", "assay complete boards", add_complete},
    {"manual", "", "assay manual man", add_manual},
};
// clang-format on

// Errors are one block on stderr, or one JSON object on stdout when the verb was asked for JSON.
int report_error(const Error& error, bool json) {
  print_error(error, json);
  if (error.code == "base.interrupted") return 128 + interrupted();
  return static_cast<int>(exit_code_of(error.code));
}

// `assay help run` is `assay run --help`; `assay help` is `assay --help`.
std::vector<char*> with_help_verb(int argc, char** argv) {
  static char help[] = "--help";
  std::vector<char*> words(argv, argv + argc);
  if (argc > 1 && std::strcmp(argv[1], "help") == 0) {
    words.erase(words.begin() + 1);
    words.push_back(help);
  }
  return words;
}

int main_of(int argc, char** argv) {
  install_interrupt_handlers();
  outlive_reader();
  std::vector<char*> words = with_help_verb(argc, argv);
  const bool json = json_wanted(argc, argv);
  auto parsed = parse_command_line(kVerbs, static_cast<int>(words.size()), words.data());
  if (!parsed) return report_error(parsed.error(), json);
  if (!parsed->action) {
    fmt::print("{}", parsed->text);
    return 0;
  }
  auto outcome = parsed->action();
  if (!outcome) return report_error(outcome.error(), json);
  fflush(stdout);
  if (lost_output() != 0)
    return report_error(file_error("write", "standard output", lost_output()).value(), false);
  return static_cast<int>(*outcome);
}

}  // namespace
}  // namespace assay::cli

int main(int argc, char** argv) {
  try {
    return assay::cli::main_of(argc, argv);
  } catch (const std::filesystem::filesystem_error& error) {
    // The working folder is gone, or may not be read.
    return assay::cli::report_error({"base.file", error.what(), "", ""}, assay::cli::json_wanted(argc, argv));
  }
}
