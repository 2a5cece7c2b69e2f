// What a run leaves in its folder beside summary and journal: arrays, tables, the inputs that a reader wants
// to look at.
#pragma once

#include <vector>

#include "results/run_folder.h"
#include "run/references.h"
#include "run/replay.h"

namespace assay::run {

// Before the device starts: plan.bin, graph.json, slices.csv where samples have columns to slice by.
// base.file.
Status keep_preparation(const CaseSpec& spec, const Prepared& prepared, const results::RunFolder& folder);
// Afterwards: outputs, ticks, references, inputs of flips (at most 2000) and of the first samples, tables.
// base.file.
Status keep_results(const Prepared& prepared, const References& references, const Replay& replay,
                    const std::vector<results::Flip>& flips, const results::Summary& summary,
                    const results::RunFolder& folder);

}  // namespace assay::run
