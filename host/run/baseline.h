// The last judgement of a run that was asked for one: against its baseline (metric/baseline_check.h).
#pragma once

#include "results/run_folder.h"
#include "run/case_spec.h"

namespace assay::run {

// Adds gates, issues and the change since the baseline to a summary that has its verdict; samples.csv and
// outputs.npy are written. A baseline that is missing or damaged makes the run inconclusive, with the code.
void hold_to_baseline(const CaseSpec& spec, const results::RunFolder& folder, results::Summary& summary);

}  // namespace assay::run
