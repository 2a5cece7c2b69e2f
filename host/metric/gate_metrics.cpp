#include "metric/gate_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "config/profile.pb.h"

namespace assay::metric {
namespace {

using results::Figure;
using results::Summary;

Observed scaled(const std::optional<Figure>& figure, double factor, std::string missing) {
  if (!figure) return {std::nullopt, std::move(missing)};
  if (figure->validity == "invalid") return {std::nullopt, "the measurement is invalid"};
  if (!std::isfinite(figure->value)) return {std::nullopt, "the value is not finite"};
  Figure out = *figure;
  out.value *= factor;
  if (out.lo) *out.lo *= factor;
  if (out.hi) *out.hi *= factor;
  return {out, ""};
}

Observed count(const std::optional<int64_t>& value, std::string missing) {
  if (!value) return {std::nullopt, std::move(missing)};
  return {Figure{.value = static_cast<double>(*value)}, ""};
}

Observed accuracy_delta(const Summary& s, const config::Gate&) {
  if (!s.accuracy) return {std::nullopt, "there are no labels"};
  return scaled(s.accuracy->delta, 100, "no reference was run");
}
Observed accuracy_top1(const Summary& s, const config::Gate&) {
  if (!s.accuracy) return {std::nullopt, "there are no labels"};
  return scaled(s.accuracy->device, 100, "the device gave no answers");
}
Observed worst_class_delta(const Summary& s, const config::Gate&) {
  if (!s.accuracy) return {std::nullopt, "there are no labels"};
  const auto worst = s.accuracy->worst_class;
  if (!worst || *worst < 0 || static_cast<size_t>(*worst) >= s.accuracy->classes.size()) {
    return {std::nullopt, "no class has 30 samples and a reference"};
  }
  const results::ClassRow& row = s.accuracy->classes[static_cast<size_t>(*worst)];
  if (!row.delta) return {std::nullopt, "no reference was run"};
  return {Figure{.value = *row.delta * 100, .n = row.support}, "", "class " + row.name};
}
Observed port_bits(const Summary& s, const config::Gate&) {
  const results::Attribution* a = s.attribution ? &*s.attribution : nullptr;
  if (a && a->port_tolerance && a->port_outside) {
    return {Figure{.value = static_cast<double>(*a->port_outside),
                   .unit = fmt::format("outputs beyond {:g}", *a->port_tolerance)},
            ""};
  }
  if (a && !a->port_bits && a->port_max_error) {
    return {std::nullopt,
            "port not attributable to bits: the outputs are rounded numbers; declare port_tolerance in "
            "[references]"};
  }
  return count(s.attribution ? s.attribution->port_bits : std::nullopt,
               "port not attributable: the engine has no host build");
}
Observed rounding_flips(const Summary& s, const config::Gate&) {
  return count(s.attribution ? s.attribution->rounding_flips : std::nullopt,
               "rounding needs a desktop runtime and a host build of the engine");
}

std::optional<Figure> latency_figure(const Summary& s, std::optional<Figure> results::Latency::*member) {
  return s.latency ? (*s.latency).*member : std::nullopt;
}

template <std::optional<Figure> results::Latency::*kMember>
Observed latency_in_clock(const Summary& s, const config::Gate&) {
  return scaled(latency_figure(s, kMember), 1, "latency was not measured");
}

template <std::optional<Figure> results::Latency::*kMember>
Observed latency_ms(const Summary& s, const config::Gate&) {
  const auto figure = latency_figure(s, kMember);
  if (!figure) return {std::nullopt, "latency was not measured"};
  if (figure->kind == "emulated" || s.target.emulated) {
    return {std::nullopt, "not comparable: an emulated board counts instructions, not time"};
  }
  if (figure->unit == "ns") return scaled(figure, 1e-6, "");
  if (figure->unit == "cycles" && s.target.core_clock_hz.value_or(0) > 0) {
    return scaled(figure, 1000.0 / static_cast<double>(*s.target.core_clock_hz), "");
  }
  return {std::nullopt,
          fmt::format("not comparable: {} without a core clock have no duration", figure->unit)};
}

Observed memory_ram(const Summary& s, const config::Gate&) {
  return scaled(s.memory ? s.memory->ram_total : std::nullopt, 1, "RAM was not measured");
}
Observed memory_arena(const Summary& s, const config::Gate&) {
  if (s.memory && s.memory->arena_touched) return scaled(s.memory->arena_touched, 1, "");
  return scaled(s.memory ? s.memory->arena_planned : std::nullopt, 1, "the arena was not measured");
}
Observed flash_total(const Summary& s, const config::Gate&) {
  return scaled(s.flash ? s.flash->total : std::nullopt, 1, "flash was not measured");
}

// A figure of the task: its gate's name is "<kind>.<figure>" or "<kind>.<figure>_delta"; shares and their
// deltas count in percent (points) where the gate's unit says so.
Observed task_figure(const Summary& s, std::string_view kind, std::string_view name, bool delta,
                     double factor) {
  if (!s.task || s.task->kind != kind) {
    return {std::nullopt, fmt::format("there are no figures of {}: labels or truth are missing", kind)};
  }
  for (const results::TaskFigure& figure : s.task->figures) {
    const bool top_k =
        name == "top_k" && figure.name.starts_with("top") && !figure.name.ends_with("agreement");
    if (figure.name != name && !top_k) continue;
    return scaled(delta ? figure.delta : figure.device, factor,
                  delta ? "no reference was run, or one side has no value"
                        : fmt::format("{} has no value: see the notes of the run", name));
  }
  return {std::nullopt, fmt::format("the task has no {}", name)};
}

// Names as template arguments, so that a row of the table is a plain function.
template <size_t N>
struct Name {
  char text[N];
  constexpr Name(const char (&from)[N]) { std::copy_n(from, N, text); }
};
template <Name kKind, Name kName, bool kDelta, int kFactor = 1>
Observed take_task(const Summary& s, const config::Gate&) {
  return task_figure(s, kKind.text, kName.text, kDelta, kFactor);
}

const results::TensorPair* pair_of(const Summary& s, std::string_view a, std::string_view b) {
  for (const results::TensorPair& pair : s.tensors) {
    if (pair.a == a && pair.b == b) return &pair;
  }
  return nullptr;
}

// port: R2 against D; total: R0 against D.
template <bool kPort, std::optional<double> results::TensorPair::*kMember>
Observed take_tensor(const Summary& s, const config::Gate&) {
  const results::TensorPair* pair = pair_of(s, kPort ? "R2" : "R0", "D");
  if (!pair)
    return {std::nullopt, kPort ? "the engine has no host build" : "the profile names no float model"};
  if (pair->*kMember) return {Figure{.value = *(pair->*kMember), .n = pair->elements}, ""};
  if (pair->exact) {  // only SQNR is absent then, because it is infinite
    return {Figure{.n = pair->elements},
            "",
            "",
            "pass",
            "",
            fmt::format("exact (infinite), n {}", pair->elements)};
  }
  return {std::nullopt, "the figure has no value: NaN, infinity or a silent reference"};
}

using Pair = results::TensorPair;
using Lat = results::Latency;
constexpr GateMetric kMetrics[] = {
    {"accuracy.delta", "pp", 1, accuracy_delta, true},
    {"accuracy.top1", "%", 1, accuracy_top1},
    {"accuracy.top_k", "%", 1, take_task<"classification", "top_k", false, 100>},
    {"accuracy.top_k_delta", "pp", 1, take_task<"classification", "top_k", true, 100>, true},
    {"accuracy.balanced", "%", 1, take_task<"classification", "balanced_accuracy", false, 100>},
    {"accuracy.balanced_delta", "pp", 1, take_task<"classification", "balanced_accuracy", true, 100>},
    {"accuracy.worst_class", "pp", 1, worst_class_delta},
    {"accuracy.class_delta", "pp", 1, take_class_delta, true, true},
    {"accuracy.class_flips", "flips", 0, take_class_flips, true, true, false, true},
    {"accuracy.slice_delta", "pp", 1, take_slice_delta, true, false, true},
    {"regression.mae", "", 4, take_task<"regression", "mae", false>},
    {"regression.mae_delta", "", 4, take_task<"regression", "mae", true>},
    {"regression.rmse", "", 4, take_task<"regression", "rmse", false>},
    {"regression.rmse_delta", "", 4, take_task<"regression", "rmse", true>},
    {"regression.bias", "", 4, take_task<"regression", "bias", false>},
    {"regression.max_abs", "", 4, take_task<"regression", "max_abs", false>},
    {"regression.r2", "", 4, take_task<"regression", "r2", false>},
    {"anomaly.auc", "", 4, take_task<"anomaly", "auc", false>},
    {"anomaly.auc_delta", "pp", 2, take_task<"anomaly", "auc", true, 100>, true},
    {"anomaly.pauc", "", 4, take_task<"anomaly", "pauc", false>},
    {"anomaly.pauc_delta", "pp", 2, take_task<"anomaly", "pauc", true, 100>, true},
    {"anomaly.threshold_flips", "flips", 0, take_task<"anomaly", "threshold_flips", false>},
    {"detection.map50", "%", 1, take_task<"detection", "map50", false, 100>},
    {"detection.map50_delta", "pp", 2, take_task<"detection", "map50", true, 100>, true},
    {"detection.map", "%", 1, take_task<"detection", "map", false, 100>},
    {"detection.map_delta", "pp", 2, take_task<"detection", "map", true, 100>, true},
    {"detection.box_matches", "%", 1, take_task<"detection", "box_matches", false, 100>},
    {"streaming.events_detected", "%", 1, take_task<"streaming", "events_detected", false, 100>},
    {"streaming.events_detected_delta", "pp", 1, take_task<"streaming", "events_detected", true, 100>, true},
    {"streaming.false_alarms_per_hour", "1/h", 2, take_task<"streaming", "false_alarms_per_hour", false>},
    {"streaming.false_alarms_delta", "1/h", 2, take_task<"streaming", "false_alarms_per_hour", true>},
    {"streaming.delay_median", "s", 3, take_task<"streaming", "delay_median", false>},
    {"tensor.port_max_abs", "", 6, take_tensor<true, &Pair::max_abs>},
    {"tensor.port_sqnr", "dB", 1, take_tensor<true, &Pair::sqnr_db>},
    {"tensor.total_sqnr", "dB", 1, take_tensor<false, &Pair::sqnr_db>},
    {"tensor.total_cosine", "", 6, take_tensor<false, &Pair::cosine>},
    {"attribution.port", "bits", 0, port_bits},
    {"attribution.rounding", "flips", 0, rounding_flips},
    {"latency.median", "", 0, latency_in_clock<&Lat::median>},
    {"latency.p95", "", 0, latency_in_clock<&Lat::p95>},
    {"latency.median_ms", "ms", 3, latency_ms<&Lat::median>},
    {"latency.p95_ms", "ms", 3, latency_ms<&Lat::p95>},
    {"memory.ram", "B", 0, memory_ram},
    {"memory.arena", "B", 0, memory_arena},
    {"flash.total", "B", 0, flash_total},
};

}  // namespace

std::span<const GateMetric> gate_metric_table() { return kMetrics; }

const GateMetric* find_gate_metric(const std::string& name) {
  for (const GateMetric& row : kMetrics) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool below(double value, double bound) { return value < bound - 1e-9 * std::max(1.0, std::abs(bound)); }

}  // namespace assay::metric
