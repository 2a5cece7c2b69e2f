// The tap phase of a run: choose samples, plan the taps, capture. After the main run and only then.
#pragma once

#include <optional>

#include "results/summary.h"
#include "run/capture.h"

namespace assay::run {

struct TapPhase {
  std::optional<Capture> capture;      // absent: nothing was to be captured
  std::vector<results::Issue> issues;  // why not
};

// What --taps, else the profile, says. config.value.
Result<TapChoice> tap_choice_of(const CaseSpec& spec);

// `sides`: nullptr where the run has no R2. A phase that goes wrong is an issue: the main run's figures
// stand.
TapPhase run_tap_phase(const CaseSpec& spec, const Prepared& prepared, const TapSides* sides,
                       const LeasedUnit& unit, const std::filesystem::path& run_folder, Observer& observer);

}  // namespace assay::run
