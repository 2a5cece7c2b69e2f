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

// An Error before the run folder exists (configuration, model, data; run.resume_changed), or when the folder
// can no longer be written (base.disk_full, base.file): it then has no summary, but what finished is in its
// journals, and the run can be resumed. Whatever else happens is in the summary: verdict pass, fail,
// inconclusive, error or interrupted, its exit code, and issues with their codes; the folder then holds what
// finished.
//
// A signal while the case is prepared or judged ends the process at once (EndAtOnce): there is no board to
// bring to rest, and nothing that a resumed run would not find again. A signal in between ends the run
// between two samples.
Result<CaseOutcome> run_case(const CaseSpec& spec, const AcquireUnit& acquire, Observer& observer,
                             const ReleaseUnit& release = {});

}  // namespace assay::run
