// The truth of tasks whose answers are no class a sample: targets, boxes, events. One reader a kind, in the
// table of task_truth.cpp.
#pragma once

#include <filesystem>
#include <string>

#include "metric/task_setup.h"

namespace assay::metric {

// A class by its name or number. metric.bad_truth names `where` and the nearest class.
Result<int> class_index(const std::string& name, const TaskSamples& samples, const std::string& where);

// Fills targets, boxes or events of setup.kind. An empty path is no truth: regression then takes integer
// labels as targets where the model has one output. metric.bad_truth (file, line, column);
// results.bad_csv, results.bad_npy, base.file.
Status read_truth(const std::filesystem::path& path, const TaskSamples& samples, TaskSetup& setup);

}  // namespace assay::metric
