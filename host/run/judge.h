// From outputs to the verdict: accuracy, attribution, flips, variants, gates.
#pragma once

#include <vector>

#include "results/summary.h"
#include "run/references.h"
#include "run/replay.h"

namespace assay::run {

// Fills references, accuracy, attribution, input channels and variants from what finished, and returns the flips.
// metric.bad_observations, metric.not_comparable.
Result<std::vector<results::Flip>> fill_accuracy(const CaseSpec& spec, const Prepared& prepared, const References& references,
                                                 const Replay& replay, results::Summary& summary);

// Applies the gates: gates, verdict, exit code, sentence. config.value when a gate names no metric.
Status fill_verdict(const CaseSpec& spec, results::Summary& summary);

}  // namespace assay::run
