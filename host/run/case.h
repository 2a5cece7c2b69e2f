// One case from its specification to its run folder: the whole journey of docs/life_of_a_run.md.
#pragma once

#include "results/summary.h"
#include "run/case_spec.h"
#include "run/observer.h"

namespace assay::run {

struct CaseOutcome {
  results::Summary summary;
  std::vector<results::Flip> flips;
  std::filesystem::path folder;
};

// An Error only before the run folder exists (configuration, model, data). Afterwards whatever happens is in the
// summary: verdict pass, fail, inconclusive, error or interrupted, its exit code, and issues with their codes; the
// folder then holds what finished.
Result<CaseOutcome> run_case(const CaseSpec& spec, const AcquireUnit& acquire, Observer& observer);

}  // namespace assay::run
