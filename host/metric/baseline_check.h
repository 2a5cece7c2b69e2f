// Holding a run to its baseline: which figures may not become worse, and what is said of those that did.
//
// Another model, dataset, samples, board, mode, clock or engine than the baseline's is never compared: it is
// a named error, and no evidence either way. What repeats to the last digit (answers, sizes, emulated
// instructions) is held exactly; what scatters, to the tolerance of docs/baselines.md. Times of a process are
// shown, not held: the computer is shared. Becoming better fails nothing, but is named: the baseline should
// be taken over.
#pragma once

#include <optional>
#include <vector>

#include "metric/compare.h"
#include "results/baseline.h"

namespace assay::config {
class Profile;
}

namespace assay::metric {

struct BaselineVerdict {
  results::SinceBaseline since;
  std::vector<results::Gate> gates;  // one an area: "baseline.accuracy", "baseline.latency", ...
  std::vector<results::Issue>
      issues;           // baseline.other_model, ...: nothing was compared; baseline.outdated: better
  std::string verdict;  // pass | fail | inconclusive
};

// `file` names the baseline in texts; `now` is of a run that ended.
BaselineVerdict check_baseline(const results::Baseline& baseline, const std::string& file, const Side& now,
                               const CompareOptions& options);
// The same of a run that should have a baseline and has none, or a damaged one.
BaselineVerdict no_baseline(const Error& error, const std::string& file);

// Adds gates, issues and the change to the summary; verdict, exit code and sentence follow where the run
// passed.
void hold(const BaselineVerdict& held, results::Summary& summary);

// A baseline of runs of one subject, the newest last. baseline.unlike_runs (two differ in model, samples,
// ...), baseline.not_finished (a run ended early).
Result<results::Baseline> baseline_of(const std::vector<Side>& runs);

// [baseline] of the profile.
CompareOptions compare_options(const config::Profile& profile);

}  // namespace assay::metric
