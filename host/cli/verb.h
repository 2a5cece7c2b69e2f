// The verbs of `assay`: one file each, one line each in the table of main.cpp.
//
// To add a verb: write verb_<name>.cpp with `void add_<name>(CLI::App& verb, Action& action)`: declare the
// options on `verb` (options.h) and set `action` to what runs when the verb was chosen; then add the line in
// main.cpp. Help, man page and completions follow. A verb returns an exit code (base/error_codes.h) or the
// Error that main prints. Results go to stdout, progress and errors to stderr; what prints results takes
// --json, what prints progress takes -q.
#pragma once

#include <functional>
#include <string_view>

#include "base/error_codes.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace assay::cli {

using Action = std::function<Result<Exit>()>;

struct Verb {
  std::string_view name;
  std::string_view summary;  // one line of `assay --help`; empty: for programs, not listed
  std::string_view example;  // last line of `assay VERB --help`; a test runs it
  void (*add)(CLI::App& verb, Action& action);
};

void add_run(CLI::App& verb, Action& action);
void add_init(CLI::App& verb, Action& action);
void add_check(CLI::App& verb, Action& action);
void add_boards(CLI::App& verb, Action& action);
void add_doctor(CLI::App& verb, Action& action);
void add_flash(CLI::App& verb, Action& action);
void add_model(CLI::App& verb, Action& action);
void add_size(CLI::App& verb, Action& action);
void add_show(CLI::App& verb, Action& action);
void add_report(CLI::App& verb, Action& action);
void add_vboard(CLI::App& verb, Action& action);
void add_attach(CLI::App& verb, Action& action);
void add_observe(CLI::App& verb, Action& action);
void add_reset(CLI::App& verb, Action& action);
void add_explain(CLI::App& verb, Action& action);
void add_completions(CLI::App& verb, Action& action);
void add_complete(CLI::App& verb, Action& action);
void add_manual(CLI::App& verb, Action& action);
void add_data(CLI::App& verb, Action& action);
void add_runs(CLI::App& verb, Action& action);
void add_reindex(CLI::App& verb, Action& action);
void add_diverge(CLI::App& verb, Action& action);
void add_flips(CLI::App& verb, Action& action);
void add_baseline(CLI::App& verb, Action& action);
void add_bisect(CLI::App& verb, Action& action);
void add_export(CLI::App& verb, Action& action);
void add_compare(CLI::App& verb, Action& action);
void add_gc(CLI::App& verb, Action& action);
void add_whatif(CLI::App& verb, Action& action);

}  // namespace assay::cli
