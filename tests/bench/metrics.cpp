// How long judging ten thousand samples of twelve classes takes: R0, four desktop runtimes, R2, the device,
// three slice columns, every interval, and the HTML report. Build with optimisation:
//   cmake -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DASSAY_BENCH=ON
//   -DASSAY_BIN_DIR=$PWD/build/bench/bin cmake --build build/bench --target assay_metric_bench &&
//   build/bench/bin/assay_metric_bench
// Budget: 1 s for the metrics, 2 s with the report. Exit code 1 beyond it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "metric/evaluate.h"
#include "report/html.h"

using namespace assay;
using Clock = std::chrono::steady_clock;

namespace {

constexpr size_t kSamples = 10000;
constexpr int kClasses = 12;

// int8 scores as after SOFTMAX; `noise` LSB are added to shared ones.
TensorRows side(const std::vector<int>& labels, int noise, uint64_t seed) {
  TensorRows rows{{.type = ElementType::kInt8, .dims = {1, kClasses}, .scale = 1.0 / 256, .zero_point = -128},
                  {}};
  std::mt19937_64 shared(7), own(seed);
  for (int label : labels) {
    for (int c = 0; c < kClasses; ++c) {
      const int base = static_cast<int>(shared() % 140) - 120 + (c == label ? 90 : 0);
      const int q =
          base + (noise > 0 ? static_cast<int>(own() % static_cast<uint64_t>(2 * noise + 1)) - noise : 0);
      rows.data.push_back(static_cast<uint8_t>(static_cast<int8_t>(std::clamp(q, -128, 127))));
    }
  }
  return rows;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main() {
  std::vector<int> labels;
  for (size_t i = 0; i < kSamples; ++i) labels.push_back(static_cast<int>(i) % kClasses);
  const TensorRows r0 = side(labels, 4, 1), a = side(labels, 2, 2), b = side(labels, 2, 3),
                   c = side(labels, 1, 4), d = side(labels, 0, 5), device = side(labels, 0, 5);
  std::vector<std::vector<std::string>> columns(3);
  for (size_t i = 0; i < kSamples; ++i) {
    columns[0].push_back(fmt::format("speaker {}", i % 40));
    columns[1].push_back(i % 3 ? "quiet" : "noise");
    columns[2].push_back(fmt::format("phone {}", i % 7));
  }
  metric::Observations o;
  o.labels = labels;
  o.r0 = &r0, o.r1 = {{"r1.a", &a}, {"r1.b", &b}, {"r1.c", &c}, {"r1.d", &d}}, o.r2 = &d, o.device = &device;
  o.slice_columns = {{"speaker", columns[0]}, {"room", columns[1]}, {"phone", columns[2]}};

  auto start = Clock::now();
  const auto evaluated = metric::evaluate(o);
  const double metrics = seconds_since(start);
  if (!evaluated) {
    fmt::print("{}\n", evaluated.error().text());
    return 2;
  }
  start = Clock::now();
  report::View view;
  view.summary.samples_done = static_cast<int64_t>(kSamples);
  view.summary.accuracy = evaluated->accuracy;
  view.summary.task = evaluated->task;
  view.summary.slices = evaluated->slices;
  view.summary.tensors = evaluated->tensors;
  view.summary.attribution = evaluated->attribution;
  view.flips = evaluated->flips;
  const size_t bytes = report::html_page(view).size();
  const double page = seconds_since(start);
  fmt::print(
      "{} samples x {} classes, 7 sides, {} slices, {} flips: metrics {:.3f} s, report {:.3f} s ({} kB)\n",
      kSamples, kClasses, evaluated->slices.size(), evaluated->flips.size(), metrics, page, bytes / 1000);
  return metrics < 1 && metrics + page < 2 ? 0 : 1;
}
