// From outputs to the verdict: accuracy, attribution, flips, variants, gates.
#pragma once

#include <vector>

#include "results/summary.h"
#include "run/references.h"
#include "run/replay.h"

namespace assay::run {

// Fills references, accuracy, attribution, input channels and variants from what finished, and returns the
// flips. metric.bad_observations, metric.not_comparable.
Result<std::vector<results::Flip>> fill_accuracy(const CaseSpec& spec, const Prepared& prepared,
                                                 const References& references, const Replay& replay,
                                                 results::Summary& summary);

// Names of the rows that are no [[variant]].
inline constexpr const char *kFloatRow = "float", *kDeployedRow = "as deployed";

// The float model, the deployed one and every variant on the desktop, against the same baseline as on the
// board. One that cannot be judged becomes an issue.
std::vector<results::Variant> desktop_variants(const CaseSpec& spec, const Prepared& prepared,
                                               const References& references,
                                               std::vector<results::Issue>& issues);

// The figures of the case in which an alternative ran on the board, in place of the desktop's. `folder`: name
// of its run.
void take_case(const results::Summary& measured, const std::string& folder, results::Variant& row);

// Applies the gates: gates, verdict, exit code, sentence. config.value when a gate names no metric.
Status fill_verdict(const CaseSpec& spec, results::Summary& summary);

}  // namespace assay::run
