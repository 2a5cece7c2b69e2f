// Everything a case needs that can be known without a board: `assay check` stops here.
#pragma once

#include <string>
#include <vector>

#include "base/tensor.h"
#include "dataset/dataset.h"
#include "metric/task_setup.h"
#include "model/planner.h"
#include "run/case_spec.h"

namespace assay::run {

struct Prepared {
  std::vector<uint8_t> model;  // the .tflite file
  std::string model_sha256;
  // Of recorded outputs only its border: no bytes, no operators. Of the user's own firmware its border, and
  // the operators where the model can be read: no bytes, no kernels, no arena.
  model::Plan plan;
  TensorInfo input, output;  // of the deployed model: input 0, output 0
  TensorInfo stored_for;     // input of the model whose integers a quantised dataset holds
  dataset::Dataset dataset;  // the chosen samples
  TensorRows inputs;         // what the device receives, one row a sample
  metric::TaskSetup task;    // of the chosen samples, its truth read
};

// Imports and plans the model for the board, reads the data and makes the model's inputs of it, reads what
// [task] declares, checks that the gates name metrics and that the samples to tap exist. Codes: those of
// model, dataset and config; run.multiple_inputs; metric.bad_task, metric.bad_truth.
Result<Prepared> prepare(const CaseSpec& spec);
// The same for the desktop alone: the model is not planned, so that no board can refuse it.
Result<Prepared> prepare_desktop(const CaseSpec& spec);

// What the planner must know of a board.
model::PlanTarget plan_target(const config::Board& board);

// "493 KiB of plan for a region of 2 MiB, ...": one line about what was prepared.
std::string describe(const Prepared& prepared);

}  // namespace assay::run
