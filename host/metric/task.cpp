#include "metric/task.h"

#include <fmt/format.h>

#include <array>

namespace assay::metric {
namespace {

constexpr std::array kKinds = {
    TaskKind{"classification", decide_classes, measure_classification},
    TaskKind{"regression", nullptr, measure_regression},
    TaskKind{"anomaly", decide_anomalies, measure_anomaly},
    TaskKind{"detection", nullptr, measure_detection},
    TaskKind{"streaming", nullptr, measure_streaming},
};

}  // namespace

std::span<const TaskKind> task_kinds() { return kKinds; }

Result<const TaskKind*> task_kind(const Observations& observed) {
  const std::string& wanted = observed.task.kind;
  for (const TaskKind& kind : kKinds) {
    if (wanted.empty() || kind.name == wanted) return &kind;
  }
  return fail("metric.bad_task", fmt::format("there is no task '{}'", wanted));
}

std::optional<results::Figure>& figure_of(results::TaskFigure& figure, std::string_view level) {
  if (level == "R0") return figure.r0;
  if (level == "R1") return figure.r1;
  return level == "R2" ? figure.r2 : figure.device;
}

void set_delta(const TaskInput& input, results::TaskFigure& figure, std::optional<double> lo,
               std::optional<double> hi) {
  if (input.baseline < 0 || !figure.device) return;
  const auto& reference = figure_of(figure, input.sides[static_cast<size_t>(input.baseline)].level);
  if (!reference) return;
  figure.delta = results::Figure{.value = figure.device->value - reference->value,
                                 .unit = figure.device->unit,
                                 .kind = figure.device->kind,
                                 .n = figure.device->n,
                                 .lo = lo,
                                 .hi = hi};
}

}  // namespace assay::metric
