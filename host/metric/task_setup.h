// What [task] of a profile declares, with its truth file read: all that a task kind needs beside the outputs.
//
// Samples, rows and classes are those of the run: the truth of samples that were not chosen is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::config {
class Profile;
}

namespace assay::metric {

struct TruthBox {
  int64_t sample = 0;  // row of the run
  int label = 0;
  double y0 = 0, x0 = 0, y1 = 0, x1 = 0;
};
struct TruthEvent {
  int label = 0;
  double start_s = 0, end_s = 0;  // from the first row of the dataset
};

struct TaskSetup {
  std::string kind;  // empty: classification where there are labels
  int64_t top_k = 0;
  std::string unit = "1";
  double unit_scale = 1, unit_offset = 0;
  std::string score = "reconstruction_mse";
  int64_t element = 0;
  std::optional<double> threshold;
  double max_fpr = 0.1;
  std::string group;
  std::vector<std::string> layout = {"y0", "x0", "y1", "x1", "score", "class"};
  double min_score = 0;
  double hop_s = 0;
  int64_t smoothing = 1;
  double debounce_s = 1, grace_s = 1;
  std::vector<int> background;
  bool has_truth = false;       // a truth file was read, even if none of it lies in the chosen samples
  std::vector<double> targets;  // rows x outputs, physical units; empty: none
  std::vector<TruthBox> boxes;
  std::vector<TruthEvent> events;
};

// What the truth is matched against.
struct TaskSamples {
  std::vector<std::string> ids;      // one a sample
  std::vector<int64_t> rows;         // one a sample: row in the whole dataset
  std::vector<std::string> classes;  // names
  std::vector<int> labels;           // empty: none
  std::vector<std::string> columns;  // slice columns
  int64_t outputs = 0;               // elements of the model's output
};

// Without [task] the default setup.
// metric.bad_task: a value that does not fit the model or the samples; metric.bad_truth: a truth file that
// lacks a column, a number or a sample; results.bad_csv, results.bad_npy, base.file.
Result<TaskSetup> load_task(const config::Profile& profile, const TaskSamples& samples);

}  // namespace assay::metric
