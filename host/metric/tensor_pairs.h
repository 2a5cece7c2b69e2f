// Tensor metrics of every pair of sides that says who lost what: R0-R1 compression, R1-R2 rounding, R2-D
// port, R0-D the whole. The pairs are the table kPairs in tensor_pairs.cpp.
#pragma once

#include <vector>

#include "metric/observations.h"
#include "results/summary.h"

namespace assay::metric {

// Pairs of which both sides are there; R1 is its primary member. metric.not_comparable: sides of unlike
// element or row counts.
Result<std::vector<results::TensorPair>> tensor_pairs(const Observations& observed);

// A finding of its own for each pair whose sides disagree on NaN or Inf: code metric.nonfinite_disagreement,
// severity error, which fails the verdict; between R2 and D the message names the port as its owner.
std::vector<results::Issue> nonfinite_findings(const std::vector<results::TensorPair>& pairs);

}  // namespace assay::metric
