// Whole float32 models on the native engine.
//
// Tolerance: where no SOFTMAX is, every bit of TensorFlow Lite Micro's reference kernels (they add in the
// same order). A SOFTMAX uses the exp of each platform's C library there and one of its own here:
// probabilities within 1e-6, and the same top-1. Optimised desktop kernels (XNNPACK) add in other orders;
// LiteRT 2.3.0 with XNNPACK differs from the same goldens by up to 5e-7 (kws01, 100 samples), 8e-7
// (hello_world) and 6e-3 (ad01, ad01_windows_test.cpp). CRCs and outputs below were made by running the PyPI
// package tflite-micro (0.dev20261023182759) on the inputs that each test names; LiteRT 2.3.0 with its
// reference kernels gave the same bits.
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
using golden::read_golden;

constexpr double kProbabilityTolerance = 1e-6;

std::vector<float> run(model::HostPlan& host, const std::vector<float>& input) {
  const auto output = host.run(bytes_of(input));
  if (!output) FAIL(output.error().text());
  return floats_of(*output);
}

template <class Values>
size_t largest(const Values& values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

template <class Values>
double largest_difference(const std::vector<float>& ours, const Values& theirs) {
  REQUIRE(ours.size() == theirs.size());
  double difference = 0;
  for (size_t i = 0; i < ours.size(); ++i)
    difference = std::max(difference, std::fabs(ours[i] - double{theirs[i]}));
  return difference;
}

}  // namespace

TEST_CASE("hello_world float32 equals TensorFlow Lite Micro to the bit") {
  const auto path = shared_file("models/hello_world_f32.tflite");
  if (!path) return;
  auto host = open_model(*path);
  uint32_t crc = 0;
  for (int i = 0; i < 256; ++i) {
    const float x = static_cast<float>(i / 40.0);
    const std::vector<float> y = run(host, {x});
    CHECK(std::fabs(y.at(0) - std::sin(x)) < 0.2);
    crc = crc32_of(bytes_of(y), crc);
  }
  CHECK(crc == 0xe15ac37a);
}

TEST_CASE("ic01 float32 gives the golden probabilities and the golden top-1") {
  const auto path = shared_file("models/ic01_pretrainedResnet_fp32.tflite");
  const auto golden_path = shared_file("golden/ic01_cifar10_500_tflm_fp32.tsv");
  const auto folder = shared_file("datasets/ic01_cifar10_500");
  if (!path || !golden_path || !folder) return;
  auto host = open_model(*path);
  const auto rows = read_golden(*golden_path);
  REQUIRE(rows.size() == 500);
  double difference = 0;
  size_t flips = 0;
  for (size_t i = 0; i < rows.size(); i += golden::stride(10)) {
    const auto pixels = read_bytes(*folder / rows[i].file);
    REQUIRE(pixels);
    const std::vector<float> output = run(host, {pixels->begin(), pixels->end()});
    difference = std::max(difference, largest_difference(output, rows[i].values));
    flips += largest(output) != largest(rows[i].values);
  }
  // The golden table has six decimals, which is half of this.
  CHECK(difference <= kProbabilityTolerance);
  CHECK(flips == 0);
}

TEST_CASE("kws01 float32 gives TensorFlow Lite Micro's probabilities") {
  const auto path = shared_file("models/kws01_kws_saved_model_fp32.tflite");
  const auto folder = shared_file("datasets/kws01");
  if (!path || !folder) return;
  auto host = open_model(*path);
  // The stored samples are int8 of the quantised model: (q - 83) * 0.584702909.
  const struct {
    const char* file;
    std::vector<float> probabilities;
  } rows[] = {
      {"tst_000000_Stop_7.bin",
       {8.39430868e-06f, 6.03187618e-06f, 0.00228942675f, 3.98984121e-05f, 7.58865372e-06f, 2.37611658e-07f,
        0.000441598735f, 0.989961982f, 0.00013028871f, 8.67706785e-06f, 1.50988289e-08f, 0.0071059186f}},
      {"tst_000001_Left_2.bin",
       {7.11092753e-07f, 1.0437625e-06f, 0.984032452f, 4.43504287e-05f, 1.48983645e-07f, 2.71722804e-08f,
        7.02076795e-05f, 4.11500832e-06f, 6.11008829e-07f, 0.000783696654f, 1.31001174e-08f, 0.0150626386f}},
      {"tst_000002_Right_6.bin",
       {6.21410621e-08f, 2.69359134e-07f, 0.00053338689f, 4.8848257e-08f, 2.84810775e-09f, 3.18804005e-08f,
        0.999115288f, 4.47023707e-09f, 1.86799234e-08f, 2.72657346e-08f, 1.05852072e-09f, 0.000350877177f}},
  };
  for (const auto& row : rows) {
    const auto file = read_bytes(*folder / row.file);
    REQUIRE(file);
    std::vector<float> input;
    for (uint8_t byte : *file)
      input.push_back(static_cast<float>(static_cast<int8_t>(byte) - 83) * 0.584702909f);
    const std::vector<float> output = run(host, input);
    CHECK(largest_difference(output, row.probabilities) <= kProbabilityTolerance);
    // Small probabilities too: the exponential is right to a few units in the last place.
    for (size_t i = 0; i < output.size(); ++i) {
      CHECK(std::fabs(output[i] - row.probabilities[i]) <= 1e-6f * row.probabilities[i]);
    }
  }
}

}  // namespace assay
