#include "metric/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "metric/statistics.h"

namespace assay::metric {
namespace {

struct ClockRow {
  std::string_view kind, unit, figure_kind;
};
constexpr ClockRow kClocks[] = {{"instructions (emulated)", "instructions", "emulated"},
                                {"cycles", "cycles", "measured"},
                                {"host ns", "ns", "host"}};

std::vector<double> sorted_values(std::vector<int64_t> ticks, const Clock& clock) {
  std::sort(ticks.begin(), ticks.end());
  std::vector<double> values;
  for (int64_t tick : ticks) values.push_back(static_cast<double>(convert_ticks(tick, clock)));
  return values;
}

std::vector<int64_t> histogram(const std::vector<double>& sorted) {
  std::vector<int64_t> bins(kHistogramBins, 0);
  const double lo = sorted.front(), width = sorted.back() - lo;
  for (double value : sorted) {
    const double at = width > 0 ? (value - lo) / width * kHistogramBins : 0;
    ++bins[std::min(static_cast<size_t>(at), bins.size() - 1)];
  }
  return bins;
}

}  // namespace

int64_t convert_ticks(int64_t ticks, const Clock& clock) {
  __extension__ using Wide = __int128;  // ticks * numerator exceeds 64 bits for nanoseconds
  const Wide product = static_cast<Wide>(ticks) * clock.numerator, half = clock.denominator / 2;
  const Wide rounded = (product < 0 ? product - half : product + half) / clock.denominator;
  return static_cast<int64_t>(rounded);
}

results::Figure clock_figure(double value, const Clock& clock, int64_t n) {
  for (const ClockRow& row : kClocks) {
    if (row.kind == clock.kind) {
      return {.value = value, .unit = std::string(row.unit), .kind = std::string(row.figure_kind), .n = n};
    }
  }
  return {.value = value, .unit = clock.kind, .kind = "measured", .n = n};
}

std::optional<results::Latency> latency(std::span<const int64_t> ticks, std::span<const uint8_t> first_run,
                                        const Clock& clock) {
  if (ticks.empty()) return std::nullopt;
  results::Latency latency{.kind = clock.kind};
  std::vector<int64_t> warm;
  for (size_t i = 0; i < ticks.size(); ++i) {
    const bool cold = i < first_run.size() && first_run[i];
    if (!cold) {
      warm.push_back(ticks[i]);
    } else if (!latency.first) {
      latency.first = clock_figure(static_cast<double>(convert_ticks(ticks[i], clock)), clock, 1);
    }
  }
  latency.n = static_cast<int64_t>(warm.size());
  if (warm.empty()) return latency;
  const std::vector<double> sorted = sorted_values(std::move(warm), clock);
  const auto at = [&](double q) { return clock_figure(quantile(sorted, q), clock, latency.n); };
  latency.median = at(0.5), latency.p5 = at(0.05), latency.p95 = at(0.95), latency.min = at(0),
  latency.max = at(1);
  latency.histogram = histogram(sorted);
  return latency;
}

Status fill_layers(const std::vector<std::vector<int64_t>>& op_ticks, std::span<const int64_t> total_ticks,
                   const Clock& clock, std::vector<results::Layer>& layers) {
  if (op_ticks.size() != total_ticks.size() || op_ticks.empty()) {
    return fail("metric.bad_observations", fmt::format("operator ticks of {} samples, totals of {}",
                                                       op_ticks.size(), total_ticks.size()));
  }
  std::vector<std::vector<int64_t>> columns(layers.size() + 1);  // the last: gaps
  for (size_t i = 0; i < op_ticks.size(); ++i) {
    if (op_ticks[i].size() != layers.size()) {
      return fail("metric.bad_observations",
                  fmt::format("sample {} has ticks of {} operators, the plan has {}", i, op_ticks[i].size(),
                              layers.size()));
    }
    int64_t gap = total_ticks[i];
    for (size_t op = 0; op < layers.size(); ++op) {
      columns[op].push_back(op_ticks[i][op]);
      gap -= op_ticks[i][op];
    }
    if (gap < 0) {
      return fail("metric.bad_observations",
                  fmt::format("sample {}: its operators take {} ticks more than the inference", i, -gap));
    }
    columns.back().push_back(gap);
  }
  layers.push_back({.index = static_cast<int>(layers.size()), .op = "(gaps)", .note = "between operators"});
  const double total = std::accumulate(total_ticks.begin(), total_ticks.end(), 0.0);
  for (size_t op = 0; op < layers.size(); ++op) {
    const double sum = std::accumulate(columns[op].begin(), columns[op].end(), 0.0);
    layers[op].median = quantile(sorted_values(columns[op], clock), 0.5);
    if (total > 0) layers[op].share = sum / total;
  }
  return {};
}

std::optional<results::Figure> profiler_overhead(const results::Figure& instrumented,
                                                 const results::Figure& bare) {
  if (bare.value == 0) return std::nullopt;
  return results::Figure{
      .value = (instrumented.value - bare.value) / bare.value, .unit = "1", .kind = bare.kind, .n = bare.n};
}

}  // namespace assay::metric
