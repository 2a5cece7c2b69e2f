// From captured tensors to the first operator that differs, and what of them a run keeps.
#pragma once

#include "results/run_folder.h"
#include "results/summary.h"
#include "run/capture.h"

namespace assay::run {

// The tensors of each operator, one row a captured sample; empty where it was not captured.
struct OperatorTensors {
  std::vector<TensorRows> device, r2, local;
};

struct FoundDivergence {
  results::Divergence divergence;
  OperatorTensors tensors;
};

// `device`, `r2`: the run's own outputs of all finished samples. Runs the tapped plans and single operators
// on this computer. Errors of reference and model; metric.not_comparable.
Result<FoundDivergence> judge_capture(const CaseSpec& spec, const Prepared& prepared, const Capture& capture,
                                      const TensorRows& device, const TensorRows& r2);

// tensors/index.json, device/<op>.npy, r2/<op>.npy. base.file, base.disk_full.
Status keep_tensors(const CaseSpec& spec, const Prepared& prepared, const Capture& capture,
                    const FoundDivergence& found, const std::filesystem::path& folder);

// What readers of the summary must know of a capture: failures, operators that did not fit.
std::vector<results::Issue> capture_issues(const Capture& capture);

}  // namespace assay::run
