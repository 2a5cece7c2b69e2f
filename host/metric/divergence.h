// First divergence: which operator of the device is the first that differs from the engine's host build.
//
// Searched against R2 only: desktop runtimes round differently from the first layer on, so a difference to
// them says nothing about the port. Two comparisons an operator: accumulated, the device's output against
// R2's, each on its own inputs; and local, the device's output against the operator run on this computer on
// the device's own inputs. An operator at fault differs in both; one that only passes a fault on differs in
// the first alone.
#pragma once

#include <string>
#include <vector>

#include "base/tensor.h"
#include "results/summary.h"

namespace assay::metric {

// One operator, in execution order. Rows are the captured samples; nothing is owned. nullptr: not captured,
// or not run again.
struct TappedOperator {
  std::string op, kernel;
  std::string input_shape, filter_shape, output_shape;  // filter_shape: empty without weights
  const TensorRows* device = nullptr;
  const TensorRows* reference = nullptr;  // R2
  const TensorRows* local = nullptr;      // this operator alone on the device's inputs
  std::vector<int> sources;               // operators that make its inputs; negative: a model input
  int plan = 0;                           // the replay that captured it
  std::string note;                       // why it was not captured
  bool skipped = false;                   // a bisection had no need of it: that it was not captured is no gap
};

struct TappedRun {
  std::vector<TappedOperator> operators;
  std::vector<std::string> samples;  // ids, one a row
  bool output_differs = false;       // the run's own outputs of these samples differ from R2's
  bool reproduced = true;            // the outputs under the tapped plans are those of the run
  int64_t tolerance_lsb = 0;         // of integer tensors; 0: exact
  double tolerance = 0;              // of floats, relative to the largest |r| of the tensor; 0: exact
};

// Does one tensor of the device differ from the reference's beyond the tolerances of `run`? As
// find_divergence() judges an operator; errors as there.
Result<bool> differs_beyond(const TensorRows& device, const TensorRows& reference, const TappedRun& run);

// Were all inputs of the operator captured in the replay that captured its output, or in others that repeat
// it? Only then do input and output belong together. `reproduced`: as in TappedRun.
bool belongs_together(const std::vector<TappedOperator>& operators, size_t index, bool reproduced);

// metric.not_comparable when sides of an operator have unlike types, shapes or row counts.
Result<results::Divergence> find_divergence(const TappedRun& run);

}  // namespace assay::metric
