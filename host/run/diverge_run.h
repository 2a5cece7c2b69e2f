// The tap phase of a run that ended before: its board is opened again, the captured operators are judged, and
// the run's summary, reports and manifest are written anew. Nothing of the run is repeated or measured.
#pragma once

#include "results/run_claim.h"
#include "results/summary.h"
#include "run/case_spec.h"
#include "run/observer.h"

namespace assay::run {

struct DivergeOutcome {
  results::Summary summary;
  bool captured = false;  // false: no sample asked for it, the run is as it was
};

// `spec`: the case of the run as it would be built today; spec.taps says which samples. Codes besides those
// of prepare, capture and judge_capture:
//   diverge.not_finished  the run has no outputs, or no summary
//   diverge.no_r2         its runner has no host build
//   diverge.changed       model, data, board or firmware are not those of the run
//   diverge.other_unit    the board is another unit now
Result<DivergeOutcome> diverge_run(const CaseSpec& spec, const results::RunClaim& claim,
                                   const AcquireUnit& acquire, Observer& observer,
                                   const ReleaseUnit& release);

}  // namespace assay::run
