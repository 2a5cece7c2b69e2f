#include "report/perfetto.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/shares.h"

namespace assay::report {
namespace {

using Json = nlohmann::ordered_json;
using results::Summary;

constexpr int kOperatorProcess = 1, kSampleProcess = 2;

// What one microsecond of the trace's axis is.
struct Axis {
  double per_count = 1;  // microseconds a count of the clock
  std::string unit, words;
};

Axis axis_of(const Summary& s) {
  const std::string unit = s.latency && s.latency->median ? s.latency->median->unit : "";
  if (unit == "ns") return {1e-3, unit, "real time"};
  if (unit == "cycles" && s.target.core_clock_hz.value_or(0) > 0)
    return {1e6 / static_cast<double>(*s.target.core_clock_hz), unit,
            fmt::format("cycles at {} Hz, as time", *s.target.core_clock_hz)};
  const std::string kind = s.latency ? s.latency->kind : "";
  return {1, unit, fmt::format("1 us shown = 1 of: {}", kind.empty() ? "the clock's counts" : kind)};
}

Json name_event(const char* what, int process, int thread, const std::string& name) {
  return {{"ph", "M"}, {"name", what}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}};
}

void add_operators(const Summary& s, const Axis& axis, Json& events) {
  double at = 0;
  for (const auto& layer : operators_of(s)) {
    if (!layer.median) continue;
    const double length = *layer.median * axis.per_count;
    Json arguments{{"index", layer.index},
                   {"kernel", layer.kernel},
                   {"output", layer.output_shape},
                   {axis.unit, *layer.median}};
    if (layer.share) arguments["share"] = *layer.share;
    if (layer.macs) arguments["macs"] = *layer.macs;
    events.push_back({{"ph", "X"},
                      {"name", fmt::format("#{} {}", layer.index, layer.op)},
                      {"cat", layer.op},
                      {"ts", at},
                      {"dur", length},
                      {"pid", kOperatorProcess},
                      {"tid", 1},
                      {"args", arguments}});
    events.push_back({{"ph", "C"},
                      {"name", "arena, planned bytes"},
                      {"ts", at},
                      {"pid", kOperatorProcess},
                      {"tid", 1},
                      {"args", {{"bytes", layer.arena_bytes_live}}}});
    at += length;
  }
  if (const auto* gaps = gaps_of(s); gaps && gaps->median)
    events.push_back({{"ph", "X"},
                      {"name", "between operators, all of it"},
                      {"cat", "gaps"},
                      {"ts", at},
                      {"dur", *gaps->median * axis.per_count},
                      {"pid", kOperatorProcess},
                      {"tid", 1},
                      {"args", {{axis.unit, *gaps->median}}}});
}

// samples.csv holds raw ticks of the device; the median says how many of them a count of the clock are.
double counts_per_tick(const View& view) {
  std::vector<int64_t> ticks;
  for (const auto& row : view.samples)
    if (row.ticks && !row.first_run) ticks.push_back(*row.ticks);
  const auto& latency = view.summary.latency;
  if (ticks.empty() || !latency || !latency->median) return 0;
  std::sort(ticks.begin(), ticks.end());
  const size_t half = ticks.size() / 2;
  const double median = ticks.size() % 2
                            ? static_cast<double>(ticks[half])
                            : (static_cast<double>(ticks[half - 1]) + static_cast<double>(ticks[half])) / 2;
  return median > 0 ? latency->median->value / median : 0;
}

std::string class_name(const Summary& s, int index) {
  if (index < 0) return "none";
  return static_cast<size_t>(index) < s.dataset.classes.size() ? s.dataset.classes[static_cast<size_t>(index)]
                                                               : std::to_string(index);
}

void add_samples(const View& view, const Axis& axis, Json& events) {
  const double scale = counts_per_tick(view) * axis.per_count;
  double at = 0;
  for (const auto& row : view.samples) {
    if (!row.ticks || scale <= 0) continue;
    const double length = static_cast<double>(*row.ticks) * scale;
    Json arguments{
        {"index", row.index}, {"raw_ticks", *row.ticks}, {"answer", class_name(view.summary, row.device)}};
    if (row.truth >= 0)
      arguments["truth"] = class_name(view.summary, row.truth), arguments["right"] = row.truth == row.device;
    if (row.first_run) arguments["first_run"] = true;
    if (row.retries > 0) arguments["retries"] = row.retries;
    const char* kind = row.truth < 0 ? "sample" : row.truth == row.device ? "right" : "wrong";
    events.push_back({{"ph", "X"},
                      {"name", row.id},
                      {"cat", kind},
                      {"ts", at},
                      {"dur", length},
                      {"pid", kSampleProcess},
                      {"tid", 1},
                      {"args", arguments}});
    at += length;
  }
}

}  // namespace

std::string perfetto_trace(const View& view) {
  const Summary& s = view.summary;
  const Axis axis = axis_of(s);
  Json events = Json::array();
  const std::string on = fmt::format("{} on {} ({})", s.profile, s.target.board, axis.words);
  events.push_back(name_event("process_name", kOperatorProcess, 0, "median inference: " + on));
  events.push_back(name_event("thread_name", kOperatorProcess, 1, "operators"));
  events.push_back(name_event("process_name", kSampleProcess, 0, "samples: " + on));
  events.push_back(name_event("thread_name", kSampleProcess, 1, "inferences, one after the other"));
  add_operators(s, axis, events);
  add_samples(view, axis, events);
  const Json trace{
      {"traceEvents", std::move(events)},
      {"displayTimeUnit", "ns"},
      {"otherData", {{"run", s.run_id}, {"clock", s.latency ? s.latency->kind : ""}, {"axis", axis.words}}}};
  return trace.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay::report
