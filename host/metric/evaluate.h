// The one entry from observed tensors to the judged parts of a summary.
#pragma once

#include <optional>
#include <vector>

#include "metric/observations.h"
#include "results/summary.h"

namespace assay::metric {

struct Evaluation {
  std::optional<results::Accuracy> accuracy;        // absent without labels
  std::optional<results::Task> task;                // absent where the task found nothing to measure
  std::vector<results::SliceRow> slices;            // of labelled decisions with a reference
  std::vector<results::TensorPair> tensors;         // of the sides that exist
  std::optional<results::Attribution> attribution;  // absent when there is no reference at all
  std::vector<results::Flip> flips;  // baseline reference against device, descending reference margin
  std::vector<results::InputChannel> input_channels;
  std::optional<double> agreement;     // top-1, device against the baseline reference; also unlabelled
  std::vector<results::Issue> issues;  // ties, unlabelled data, damaged numbers
};

// Tasks that decide (classification; anomaly with a threshold) have accuracy, flips and slices; the others
// have the figures of their task, and of the attribution only what needs no decision. The baseline
// ("reference" of rows and flips) is R0, else the primary R1, else R2. Unlabelled flips have the kind
// "changed". metric.bad_observations: no device outputs, unlike numbers of rows, a label outside the classes;
// metric.not_comparable: outputs of unlike shape or quantisation; metric.bad_task: a task that does not fit
// the outputs.
Result<Evaluation> evaluate(const Observations& observed);

}  // namespace assay::metric
