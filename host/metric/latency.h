// From raw ticks to latency figures and a timeline of operators.
//
// The device sends 64-bit ticks and their rate; conversion is here, once: value = round(ticks * numerator /
// denominator). Raw ticks may differ by one between runs (phase); the converted count is what repeats.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/summary.h"

namespace assay::metric {

struct Clock {
  std::string kind;  // results::Latency::kind: "instructions (emulated)", "cycles", "host ns"
  int64_t numerator = 1, denominator = 1;  // > 0
};
// Ticks to the clock's unit, rounded to nearest, halves away from zero.
int64_t convert_ticks(int64_t ticks, const Clock& clock);
// A Figure of this clock: unit ("instructions", "cycles", "ns") and kind (emulated, measured, host) of its
// kind; an unknown kind is its own unit and "measured".
results::Figure clock_figure(double value, const Clock& clock, int64_t n);

// `ticks` one a sample; `first_run` marks cold runs (empty: none is). The first cold run is Latency::first;
// cold runs are in no other figure. Quantiles: type 7. Histogram: 40 equal bins over min..max, the last
// closed; all in bin 0 when min = max. nullopt without ticks.
std::optional<results::Latency> latency(std::span<const int64_t> ticks, std::span<const uint8_t> first_run,
                                        const Clock& clock);

inline constexpr int kHistogramBins = 40;

// Fills median and share of `layers` and appends a last row "(gaps)" for what lies between operators, so that
// the shares sum to 1. share = sum over the samples of the operator's ticks / sum of the inference's ticks.
// op_ticks[sample][layer]; total_ticks[sample] is the instrumented inference.
// metric.bad_observations when sizes differ or operators exceed their total.
Status fill_layers(const std::vector<std::vector<int64_t>>& op_ticks, std::span<const int64_t> total_ticks,
                   const Clock& clock, std::vector<results::Layer>& layers);

// (instrumented - bare) / bare of two median latencies; nullopt when bare is 0.
std::optional<results::Figure> profiler_overhead(const results::Figure& instrumented,
                                                 const results::Figure& bare);

}  // namespace assay::metric
