// What if another model of the profile were deployed: the float model and every [[variant]] as cases of their
// own on the same board, beside the deployed model, judged against the same baseline.
//
// What engine or board refuse is judged on the desktop, with the reason; what only a board can tell is then
// absent. The deployed model runs last, so that the summary and the report of its run list all of them;
// `run.json` in its folder names the folders of the other cases, which lie beside it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/case.h"

namespace assay::run {

struct WhatIf {
  std::vector<results::Variant> rows;   // float, as deployed, then the variants in the profile's order
  std::optional<CaseOutcome> deployed;  // absent: the board refuses the deployed model
  std::vector<results::Issue> issues;   // a reference or variant that is missing on the desktop
};

// Runs one case on the board, as `assay run` does.
using RunOne = std::function<Result<CaseOutcome>(const CaseSpec&)>;

// `base` is the case of `assay run`. config.value: the profile has neither a float model nor variants;
// base.interrupted; what makes every case impossible (farm.*, config.*, dataset.*, base.*).
Result<WhatIf> what_if(const CaseSpec& base, const RunOne& run_one, Observer& observer);

}  // namespace assay::run
