#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "cli/asked_case.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/unit_source.h"
#include "report/format.h"
#include "results/summary_json.h"
#include "run/diverge_run.h"

namespace assay::cli {
namespace {

struct DivergeOptions {
  std::string run = "@last", out = "out", samples, unit;
  bool json = false, quiet = false;
};

std::string db_text(const std::optional<double>& db, const std::optional<int64_t>& differing) {
  if (differing == 0) return "exact";
  return db ? fmt::format("{:.1f}", *db) : "-";
}

std::string distance_text(const std::optional<int64_t>& lsb, const std::optional<double>& real) {
  if (lsb) return std::to_string(*lsb);
  return real ? fmt::format("{:.3g}", *real) : "-";
}

void print_divergence(const results::Divergence& d) {
  for (const std::string& line : wrapped(d.sentence, columns(STDOUT_FILENO))) fmt::print("{}\n", line);
  fmt::print("\n{} ({}) on {} tapped plan{}\n\n",
             report::plural(static_cast<int64_t>(d.samples.size()), "sample"), d.choice, d.plans,
             d.plans == 1 ? "" : "s");
  const bool lsb = std::any_of(d.operators.begin(), d.operators.end(),
                               [](const auto& op) { return op.max_lsb.has_value(); });
  std::vector<std::vector<std::string>> rows;
  for (const auto& op : d.operators) {
    const std::string name = op.op + (d.first == op.index ? " <" : "");
    if (!op.captured) {
      rows.push_back({std::to_string(op.index), name, op.output_shape, "-", "-", "-", "-", "-"});
      continue;
    }
    rows.push_back({std::to_string(op.index), name, op.output_shape, std::to_string(op.differing.value_or(0)),
                    distance_text(op.max_lsb, op.max_abs), db_text(op.sqnr_db, op.differing),
                    op.local_differing ? distance_text(op.local_max_lsb, op.local_max_abs) : "-",
                    op.local_differing ? db_text(op.local_sqnr_db, op.local_differing) : "-"});
  }
  const char* worst = lsb ? ">LSB" : ">worst";
  fmt::print("{}", table({">#", "operator", "output", ">differ", worst, ">SQNR",
                          lsb ? ">local LSB" : ">local", ">SQNR"},
                         rows, columns(STDOUT_FILENO)));
}

// What --json says of a run without a sample to look into.
results::Divergence unneeded(const results::Summary& summary) {
  results::Divergence divergence;
  divergence.state = "agrees";
  divergence.sentence = fmt::format(
      "The device equals its host build on all {} samples of run {}: there is no divergence to look for.",
      summary.samples_done, summary.run_id);
  return divergence;
}

Result<Exit> diverge(const DivergeOptions& options) {
  ASSAY_TRY(const std::filesystem::path path, results::resolve_run(options.run, options.out));
  const std::string command = fmt::format("assay diverge {}", options.run);
  ASSAY_TRY(const results::RunClaim claim, results::RunClaim::reopen(path, command));
  const auto lock_file = claim.folder().path(results::file::kProfileLock);
  ASSAY_TRY(const std::string text, read_text(lock_file));
  ASSAY_TRY(const results::CaseLock lock, results::CaseLock::parse(text, lock_file.string()));
  ASSAY_TRY(AskedCase asked, asked_case(lock, path));
  asked.spec.taps = options.samples.empty() ? "auto" : options.samples;
  UnitSource source(asked.spec.board, options.unit.empty() ? asked.unit : options.unit, command);
  ProgressLines progress(options.quiet || options.json);
  ASSAY_TRY(const run::DivergeOutcome outcome,
            run::diverge_run(
                asked.spec, claim,
                [&](const auto& start, const auto& folder) { return source.open(start, folder); }, progress,
                [&](const Error* seen) { return source.close(seen); }));
  if (options.json) {
    fmt::print("{}", results::divergence_text(outcome.captured ? *outcome.summary.divergence
                                                               : unneeded(outcome.summary)));
  } else if (outcome.captured) {
    print_divergence(*outcome.summary.divergence);
  } else {
    fmt::print("{}\n", unneeded(outcome.summary).sentence);
  }
  return Exit::kPass;
}

}  // namespace

void add_diverge(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<DivergeOptions>();
  Options options(verb);
  options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
  options.option("--samples", choice->samples,
                 "auto, all, flips[:N], worst:N, or ids of samples; auto: the worst of those that differ "
                 "from the host build");
  options.option("--unit", choice->unit, "Which unit of the board; that of the run");
  options.option("--out", choice->out, "Folder of run folders");
  options.flag("-q,--quiet", choice->quiet, "No progress");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return diverge(*choice); });
}

}  // namespace assay::cli
