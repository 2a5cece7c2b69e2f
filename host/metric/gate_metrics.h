// What a gate can compare: a metric is one row of the table in gate_metrics.cpp, which takes its figure out
// of a summary. To add one: a function and a row there, a row in docs/gates.md.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "results/summary.h"

namespace assay::config {
class Gate;
}

namespace assay::metric {

// What a rule compares: the figure in the rule's unit, or why there is none.
struct Observed {
  std::optional<results::Figure> figure;
  std::string missing;  // one sentence, when there is no figure
  std::string subject;  // what of several it is: "class stop", "slice room=noise"; empty: there is one only
  // Of metrics with a rule of their own; empty: the bounds of the gate decide.
  std::string verdict, reason;
  std::string text;  // instead of the figure, where it has no finite value
};

struct GateMetric {
  const char* name;
  const char* unit;  // "" : the unit of the figure (the clock's, the task's)
  int digits;
  Observed (*take)(const results::Summary&, const config::Gate&);
  bool has_margin = false;                    // margin_pp
  bool has_class = false, has_slice = false;  // the keys class, slice
  bool has_alpha = false;
};

std::span<const GateMetric> gate_metric_table();
const GateMetric* find_gate_metric(const std::string& name);  // nullptr: unknown

// Of several: accuracy.class_delta, accuracy.slice_delta, accuracy.class_flips (gate_classes.cpp).
Observed take_class_delta(const results::Summary&, const config::Gate&);
Observed take_slice_delta(const results::Summary&, const config::Gate&);
Observed take_class_flips(const results::Summary&, const config::Gate&);
inline constexpr double kDefaultAlpha = 0.01;  // family-wise, of accuracy.class_flips

// A bound is met when it is met to nine digits: values were shares or sums of floats.
bool below(double value, double bound);

}  // namespace assay::metric
