// The anomaly score of every sample, as the profile declares it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metric/classification.h"
#include "metric/observations.h"

namespace assay::metric {

// reconstruction_mse: mean((output - input)^2), both in real units; the input is the real one where the
// dataset has it, else what the device received, for every side alike. output: one element.
// metric.bad_observations: reconstruction of an input of another size, or no inputs.
Result<std::vector<double>> anomaly_scores(const Observations& observed, const TensorRows& outputs);

// Label 0 is normal, any other an anomaly.
std::vector<int> anomaly_labels(const std::vector<int>& labels);

// Scores above the threshold are anomalies (1); margin: distance from the threshold; NaN decides nothing
// (-1).
Decisions decide_by_threshold(const std::vector<double>& scores, double threshold);

}  // namespace assay::metric
