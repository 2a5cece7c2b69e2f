// Streaming: events found, false alarms per hour, and how late.
#include <fmt/format.h>

#include <algorithm>

#include "metric/statistics.h"
#include "metric/stream_events.h"
#include "metric/task.h"

namespace assay::metric {
namespace {

using Streams = std::vector<StreamResult>;  // one a side

int64_t detected(const StreamResult& stream) {
  return std::count_if(stream.delay_s.begin(), stream.delay_s.end(),
                       [](const auto& d) { return d.has_value(); });
}

void add_detected(const TaskInput& input, const Streams& streams, TaskOutcome& outcome) {
  const auto n = static_cast<int64_t>(input.observed.task.events.size());
  if (n == 0) return;
  results::TaskFigure figure{.name = "events_detected", .better = "higher", .counts = "events"};
  for (size_t s = 0; s < streams.size(); ++s) {
    const int64_t found = detected(streams[s]);
    const Interval interval = wilson(found, n);
    figure_of(figure, input.sides[s].level) =
        results::Figure{.value = static_cast<double>(found) / static_cast<double>(n),
                        .unit = "1",
                        .kind = input.sides[s].kind,
                        .n = n,
                        .lo = interval.lo,
                        .hi = interval.hi};
  }
  if (input.baseline >= 0) {
    const StreamResult& reference = streams[static_cast<size_t>(input.baseline)];
    int64_t broken = 0, fixed = 0;
    for (size_t e = 0; e < reference.delay_s.size(); ++e) {
      broken += reference.delay_s[e] && !streams.back().delay_s[e];
      fixed += !reference.delay_s[e] && streams.back().delay_s[e];
    }
    const Interval interval = delta_interval(broken, fixed, n, input.observed.seed);
    set_delta(input, figure, interval.lo, interval.hi);
  }
  outcome.task.figures.push_back(std::move(figure));
}

void add_alarms(const TaskInput& input, const Streams& streams, TaskOutcome& outcome) {
  results::TaskFigure rate{.name = "false_alarms_per_hour", .better = "lower", .counts = "false alarms"};
  for (size_t s = 0; s < streams.size(); ++s) {
    const auto alarms = static_cast<int64_t>(streams[s].false_alarms_s.size());
    const Interval interval = poisson_interval(alarms);
    figure_of(rate, input.sides[s].level) =
        results::Figure{.value = static_cast<double>(alarms) / streams[s].hours,
                        .unit = "1/h",
                        .kind = input.sides[s].kind,
                        .n = alarms,
                        .lo = interval.lo / streams[s].hours,
                        .hi = interval.hi / streams[s].hours};
  }
  set_delta(input, rate);
  outcome.task.figures.push_back(std::move(rate));
}

void add_delay(const TaskInput& input, const Streams& streams, TaskOutcome& outcome) {
  results::TaskFigure figure{.name = "delay_median", .better = "lower", .counts = "detected events"};
  for (size_t s = 0; s < streams.size(); ++s) {
    std::vector<double> delays;
    for (const auto& delay : streams[s].delay_s) {
      if (delay) delays.push_back(*delay);
    }
    if (delays.empty()) continue;
    std::sort(delays.begin(), delays.end());
    figure_of(figure, input.sides[s].level) = results::Figure{.value = quantile(delays, 0.5),
                                                              .unit = "s",
                                                              .kind = input.sides[s].kind,
                                                              .n = static_cast<int64_t>(delays.size())};
  }
  set_delta(input, figure);
  outcome.task.figures.push_back(std::move(figure));
}

void list_events(const TaskInput& input, const Streams& streams, TaskOutcome& outcome) {
  const Observations& o = input.observed;
  for (size_t e = 0; e < o.task.events.size(); ++e) {
    const TruthEvent& event = o.task.events[e];
    const auto label = static_cast<size_t>(event.label);
    results::TaskEvent row{.name = label < o.classes.size() ? o.classes[label] : std::to_string(label),
                           .start_s = event.start_s,
                           .end_s = event.end_s};
    if (input.baseline >= 0) row.reference_s = streams[static_cast<size_t>(input.baseline)].delay_s[e];
    row.device_s = streams.back().delay_s[e];
    outcome.task.events.push_back(std::move(row));
  }
}

}  // namespace

Result<TaskOutcome> measure_streaming(const TaskInput& input) {
  TaskOutcome outcome;
  const Observations& o = input.observed;
  if (!(o.task.hop_s > 0))
    return fail("metric.bad_task", "streaming needs hop_s, the seconds from one row to the next");
  outcome.task.rule = fmt::format(
      "hops of {} s, scores of {} hops averaged, threshold {}; right until event end + {} s, false alarms "
      "debounced {} s",
      o.task.hop_s, o.task.smoothing, o.task.threshold.value_or(0.5), o.task.grace_s, o.task.debounce_s);
  if (!o.task.has_truth) {
    outcome.issues.push_back(
        {"metric.no_labels", "note",
         "streaming has no events of truth ([task] truth): only the sides are compared"});
    return outcome;
  }
  Streams streams;
  const int64_t first_row = o.rows.empty() ? 0 : o.rows.front();
  for (const TaskSide& side : input.sides) {
    streams.push_back(follow_stream(*side.outputs, o.task, first_row));
    if (streams.back().nonfinite_hops > 0) {
      outcome.issues.push_back({"metric.nonfinite", "error",
                                fmt::format("{} hops of {} hold NaN or infinity and detect nothing",
                                            streams.back().nonfinite_hops, side.level)});
    }
  }
  if (o.task.events.empty()) {
    outcome.issues.push_back({"metric.insufficient", "warning",
                              "no event of the truth lies in the stream: every detection is a false alarm"});
  }
  add_detected(input, streams, outcome);
  add_alarms(input, streams, outcome);
  add_delay(input, streams, outcome);
  list_events(input, streams, outcome);
  return outcome;
}

}  // namespace assay::metric
