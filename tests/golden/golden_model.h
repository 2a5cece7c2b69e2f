// A public model on the native engine, and published outputs to compare it with.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/host_plan.h"

namespace assay::golden {

// Imported, planned and opened; fails the test with the error's words.
model::HostPlan open_model(const std::filesystem::path& path);

// One line of a golden table: file of the dataset, first byte of the window in it, numbers.
struct GoldenRow {
  std::string file;
  size_t offset = 0;
  std::vector<double> values;
};
std::vector<GoldenRow> read_golden(const std::filesystem::path& path);

std::vector<float> floats_of(const std::vector<uint8_t>& bytes);
std::vector<uint8_t> bytes_of(const std::vector<float>& values);

// How many of a dataset's samples a test takes: one in `every`, all in the long version (ASSAY_SOAK).
size_t stride(size_t every);

}  // namespace assay::golden
