// The anomaly detector ad01 over the 196 windows of its published sample, as int8 and as float32: every bit
// of TensorFlow Lite Micro's outputs, and the published reconstruction error of every window.
//
// CRCs over all outputs were made by running the PyPI package tflite-micro (0.dev20261023182759) on the same
// windows; for float32, LiteRT 2.3.0 with its reference kernels gave the same bits.
#include <algorithm>
#include <cmath>

#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "golden/golden_model.h"
#include "shared_data.h"

namespace assay {
namespace {

using golden::bytes_of;
using golden::floats_of;
using golden::open_model;

// The published errors have six decimals and were summed in single precision.
constexpr double kErrorTolerance = 2e-5;

struct Window {
  std::vector<float> values;  // 640
  double golden_error = 0;
};

// One window every 512 bytes of the sample; empty when the public data are absent.
std::vector<Window> windows(const std::string& golden_table) {
  const auto table = shared_file("golden/" + golden_table);
  const auto folder = shared_file("datasets/ad01");
  std::vector<Window> all;
  if (!table || !folder) return all;
  for (const auto& row : golden::read_golden(*table)) {
    const auto file = read_bytes(*folder / row.file);
    REQUIRE(file);
    REQUIRE(row.offset + 2560 <= file->size());
    const auto first = file->begin() + static_cast<std::ptrdiff_t>(row.offset);
    all.push_back({floats_of({first, first + 2560}), row.values.at(0)});
  }
  REQUIRE(all.size() == 196);
  return all;
}

double mean_square(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - double{b[i]}, 2);
  return sum / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("ad01 float32 equals TensorFlow Lite Micro to the bit, and its error the golden one") {
  const auto path = shared_file("models/ad01_fp32.tflite");
  const auto all = windows("ad01_tflm_fp32_mse.tsv");
  if (!path || all.empty()) return;
  auto host = open_model(*path);
  uint32_t crc = 0;
  double mean = 0;
  for (const Window& window : all) {
    const auto output = host.run(bytes_of(window.values));
    REQUIRE(output);
    crc = crc32_of(*output, crc);
    const double error = mean_square(floats_of(*output), window.values);
    CHECK(std::fabs(error - window.golden_error) < kErrorTolerance);
    mean += error / 196;
  }
  CHECK(crc == 0x1c3a7fce);
  CHECK(std::fabs(mean - 9.7071) < 1e-4);
}

TEST_CASE("ad01 int8 equals TensorFlow Lite Micro on every window, and its error the golden one") {
  const auto path = shared_file("models/ad01_int8.tflite");
  const auto all = windows("ad01_tflm_int8_mse.tsv");
  if (!path || all.empty()) return;
  auto host = open_model(*path);
  const engine::TensorView in = host.engine().input(0), out = host.engine().output(0);
  uint32_t crc = 0;
  double mean = 0;
  for (const Window& window : all) {
    std::vector<uint8_t> quantised;
    for (float x : window.values) {
      const double steps = std::round(double{x} / double{in.scale}) + in.zero_point;
      quantised.push_back(static_cast<uint8_t>(static_cast<int8_t>(std::clamp(steps, -128.0, 127.0))));
    }
    const auto output = host.run(quantised);
    REQUIRE(output);
    crc = crc32_of(*output, crc);
    std::vector<float> real;
    for (uint8_t byte : *output)
      real.push_back(static_cast<float>(static_cast<int8_t>(byte) - out.zero_point) * out.scale);
    const double error = mean_square(real, window.values);
    CHECK(std::fabs(error - window.golden_error) < kErrorTolerance);
    mean += error / 196;
  }
  CHECK(crc == 0x001c1d81);
  CHECK(std::fabs(mean - 10.2645) < 1e-4);
}

}  // namespace assay
