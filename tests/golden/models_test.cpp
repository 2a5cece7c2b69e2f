// Whole int8 models on the native engine against outputs of TensorFlow Lite Micro's reference kernels: every
// byte.
#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "golden/golden_model.h"
#include "shared_data.h"

namespace assay {
namespace {

using golden::GoldenRow;
using golden::open_model;
using golden::read_golden;
using Bytes = std::vector<uint8_t>;

// The int8 inputs of the CRC goldens, one sample after the other.
struct GeneratedInput {
  uint32_t x = 12345;
  Bytes next(size_t count) {
    Bytes bytes(count);
    for (auto& byte : bytes) {
      x = x * 1664525u + 1013904223u;
      byte = static_cast<uint8_t>(x >> 24);
    }
    return bytes;
  }
};

// Rows whose output differs; `input_mask` is XORed into each input byte (128: uint8 pixels to int8).
size_t differing_rows(model::HostPlan& host, const std::vector<GoldenRow>& rows,
                      const std::filesystem::path& folder, uint8_t input_mask) {
  size_t differing = 0;
  for (const auto& row : rows) {
    auto input = read_bytes(folder / row.file);
    REQUIRE(input);
    for (auto& byte : *input) byte ^= input_mask;
    const auto output = host.run(*input);
    REQUIRE(output);
    const auto equal = [](uint8_t byte, double value) { return static_cast<int8_t>(byte) == value; };
    if (!std::equal(output->begin(), output->end(), row.values.begin(), row.values.end(), equal)) ++differing;
  }
  return differing;
}

// `first` is the published CRC of one sample. One sample proves little, so `all` is the CRC over the outputs
// of `samples` samples, made by running the PyPI package tflite-micro (0.dev20261023182759) on the same
// inputs.
void check_crc(const char* name, uint32_t first, int samples, uint32_t all) {
  const auto path = shared_file(std::string("models/") + name + ".tflite");
  if (!path) return;
  auto host = open_model(*path);
  GeneratedInput inputs;
  uint32_t crc = 0;
  for (int i = 0; i < samples; ++i) {
    const auto output = host.run(inputs.next(host.input_bytes()));
    REQUIRE(output);
    crc = crc32_of(*output, crc);
    if (i == 0) CHECK(crc == first);
    // Inputs survive a run, so a second one on the same upload gives the same.
    REQUIRE(host.engine().run() == engine::Status::kOk);
    REQUIRE(std::memcmp(host.engine().output(0).data, output->data(), output->size()) == 0);
  }
  CHECK(crc == all);
}

}  // namespace

TEST_CASE("hello_world int8 meets its CRCs") { check_crc("hello_world_int8", 0x616495a3, 256, 0x3c9924a5); }
TEST_CASE("kws01 int8 meets its CRCs") { check_crc("kws01_kws_ref_model_int8", 0x1a578907, 50, 0x186f47f4); }
TEST_CASE("ad01 int8 meets its CRCs") { check_crc("ad01_int8", 0xd7f6e66a, 200, 0x8442c49f); }
TEST_CASE("ic01 int8 meets its CRCs") {
  check_crc("ic01_pretrainedResnet_quant", 0xef5c90cc, 20, 0xdcb0091e);
}

TEST_CASE("kws01 int8 equals the golden outputs on every sample") {
  const auto path = shared_file("models/kws01_kws_ref_model_int8.tflite");
  const auto golden_path = shared_file("golden/kws01_tflm_int8.tsv");
  const auto folder = shared_file("datasets/kws01");
  if (!path || !golden_path || !folder) return;
  auto host = open_model(*path);
  const auto rows = read_golden(*golden_path);
  REQUIRE(rows.size() == 1000);
  CHECK(differing_rows(host, rows, *folder, 0) == 0);
}

TEST_CASE("ic01 int8 equals the golden outputs on every sample") {
  const auto path = shared_file("models/ic01_pretrainedResnet_quant.tflite");
  const auto golden_path = shared_file("golden/ic01_cifar10_500_tflm_int8.tsv");
  const auto folder = shared_file("datasets/ic01_cifar10_500");
  if (!path || !golden_path || !folder) return;
  auto host = open_model(*path);
  const auto rows = read_golden(*golden_path);
  REQUIRE(rows.size() == 500);
  CHECK(differing_rows(host, rows, *folder, 128) == 0);
}

}  // namespace assay
