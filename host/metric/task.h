// What a task asks of a model: one small interface, one file a kind, one visible table.
//
// To add a kind: a file task_<kind>.cpp with the functions of TaskKind, their declaration below, one line in
// the table of task.cpp, the name in profile.proto (Task.kind) and in the schema, a row in docs/metrics.md,
// its gates in gate_metrics.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metric/classification.h"
#include "metric/observations.h"

namespace assay::metric {

struct TaskSide {
  const char* level = "";                // "R0", "R1" (primary), "R2", "D"
  const TensorRows* outputs = nullptr;   // not owned
  std::string kind;                      // of its figures: host, or the device's
  const Decisions* decisions = nullptr;  // of kinds that decide; not owned
};
struct TaskInput {
  const Observations& observed;
  std::vector<TaskSide> sides;  // those that exist, in the order R0, R1, R2, D: the last is the device
  int baseline = -1;            // index of the side that deltas compare with; -1: there is none

  const TaskSide& device() const { return sides.back(); }
};
struct TaskOutcome {
  results::Task task;
  std::vector<results::Issue> issues;  // what has no figure and why: metric.insufficient, metric.no_labels
};

struct TaskKind {
  std::string_view name;
  // One decision a sample, where the kind makes any under these declarations; nullptr: never.
  std::optional<Decisions> (*decide)(const Observations&, const TensorRows& outputs);
  // metric.bad_observations, metric.bad_task.
  Result<TaskOutcome> (*measure)(const TaskInput&);
};
std::span<const TaskKind> task_kinds();
// The kind of these observations: as declared, else classification. metric.bad_task: unknown.
Result<const TaskKind*> task_kind(const Observations& observed);

std::optional<Decisions> decide_classes(const Observations&, const TensorRows& outputs);
std::optional<Decisions> decide_anomalies(const Observations&, const TensorRows& outputs);
Result<TaskOutcome> measure_classification(const TaskInput&);
Result<TaskOutcome> measure_regression(const TaskInput&);
Result<TaskOutcome> measure_anomaly(const TaskInput&);
Result<TaskOutcome> measure_detection(const TaskInput&);
Result<TaskOutcome> measure_streaming(const TaskInput&);

// Puts a figure where its side belongs: results::TaskFigure::r0, r1, r2 or device.
std::optional<results::Figure>& figure_of(results::TaskFigure& figure, std::string_view level);
// Fills device - baseline of what the sides hold; the interval is of the delta itself. Nothing without both.
void set_delta(const TaskInput& input, results::TaskFigure& figure, std::optional<double> lo = std::nullopt,
               std::optional<double> hi = std::nullopt);

}  // namespace assay::metric
