#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error_codes.h"
#include "cli/asked_case.h"
#include "cli/progress.h"
#include "cli/subject_options.h"
#include "cli/terminal.h"
#include "cli/unit_source.h"
#include "cli/verb.h"
#include "report/variants_table.h"
#include "results/run_folder.h"
#include "results/summary_json.h"
#include "run/whatif.h"

namespace assay::cli {
namespace {

struct WhatIfOptions {
  SubjectOptions subject;
  std::string out = "out", unit;
  uint64_t seed = 1;
  int workers = 0;
  double timeout_multiplier = 1;
  bool json = false, markdown = false, quiet = false, no_cache = false;
};

Result<run::CaseSpec> spec_of(const WhatIfOptions& options) {
  ASSAY_TRY(run::CaseSpec spec, case_of(options.subject));
  spec.out_dir = options.out;
  spec.seed = options.seed;
  spec.workers = options.workers;
  spec.timeout_multiplier = options.timeout_multiplier;
  spec.cache = !options.no_cache;
  spec.asked = asked_of(options.subject, options.unit, options.seed, spec.profile);
  spec.command = fmt::format("assay whatif {} --board {}", options.subject.subject, options.subject.board);
  return spec;
}

nlohmann::ordered_json json_of(const WhatIfOptions& options, const run::CaseSpec& spec,
                               const run::WhatIf& result) {
  results::Summary carrier;  // summary_json.h knows how a variant is written
  carrier.variants = result.rows;
  carrier.issues = result.issues;
  const auto written = nlohmann::ordered_json::parse(results::summary_text(carrier));
  return {{"schema", "assay.what_if"},
          {"schema_version", 1},
          {"profile", spec.profile.profile.profile().name()},
          {"board", spec.board.board().name()},
          {"out", options.out},
          {"run", result.deployed ? result.deployed->folder.filename().string() : ""},
          {"verdict", result.deployed ? result.deployed->summary.verdict : "refused"},
          {"rows", written["variants"]},
          {"issues", written["issues"]}};
}

void print(const WhatIfOptions& options, const run::CaseSpec& spec, const run::WhatIf& result) {
  if (options.json) return fmt::print("{}\n", json_of(options, spec, result).dump(2));
  if (options.markdown) return fmt::print("{}", report::variants_markdown(result.rows));
  const report::TerminalStyle style{.unicode = unicode_on(STDOUT_FILENO),
                                    .width = std::min(columns(STDOUT_FILENO), 100)};
  fmt::print("\n  {} on {}\n\n{}", spec.profile.profile.profile().title(), spec.board.board().name(),
             report::variants_table(result.rows, style));
  if (result.deployed) fmt::print("  {}\n", (result.deployed->folder / results::file::kReportHtml).string());
}

Result<Exit> what_if(const WhatIfOptions& options) {
  ASSAY_TRY(const run::CaseSpec spec, spec_of(options));
  ProgressLines progress(options.quiet || options.json || options.markdown);
  const auto run_one = [&](const run::CaseSpec& one) {
    UnitSource source(one.board, options.unit, one.command);
    return run::run_case(
        one, [&](const auto& start, const auto& folder) { return source.open(start, folder); }, progress,
        [&](const Error* seen) { return source.close(seen); });
  };
  ASSAY_TRY(const run::WhatIf result, run::what_if(spec, run_one, progress));
  for (const auto& issue : result.issues) {
    if (issue.severity == "warning") progress.warning(issue.code, issue.message);
  }
  print(options, spec, result);
  return Exit::kPass;
}

}  // namespace

void add_whatif(CLI::App& verb, Action& action) {
  auto options = std::make_shared<WhatIfOptions>();
  options->subject.add_to(verb);
  verb.add_option("--unit", options->unit, "Which unit of the board (a virtual one is made on first use)");
  verb.add_option("--out", options->out, "Folder below which run folders are made")->capture_default_str();
  verb.add_option("--workers", options->workers, "Reference processes at a time (default: cores)")
      ->check(CLI::Range(1, 64));
  verb.add_option("--seed", options->seed, "Of everything random (bootstrap intervals, --shuffle)")
      ->capture_default_str();
  verb.add_option("--timeout-multiplier", options->timeout_multiplier, "Stretch every time limit")
      ->check(CLI::Range(0.1, 100.0))
      ->capture_default_str();
  verb.add_flag("--no-cache", options->no_cache, "Run the references again");
  verb.add_flag("-q,--quiet", options->quiet, "No progress");
  auto* json = verb.add_flag("--json", options->json, "Print JSON");
  verb.add_flag("--markdown", options->markdown, "Print a Markdown table")->excludes(json);
  verb.callback([&action, options] { action = [options] { return what_if(*options); }; });
}

}  // namespace assay::cli
