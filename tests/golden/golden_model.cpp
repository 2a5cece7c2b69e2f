#include "golden/golden_model.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "model/planner.h"
#include "model/tflite_import.h"

namespace assay::golden {

model::HostPlan open_model(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path);
  REQUIRE(bytes);
  const auto graph = model::import_tflite(*bytes, path.stem().string());
  if (!graph) FAIL(graph.error().code << ": " << graph.error().text());
  const auto plan = model::make_plan(*graph, {}, sha256_hex(*bytes));
  if (!plan) FAIL(plan.error().code << ": " << plan.error().text());
  auto host = model::HostPlan::open(plan->bytes);
  if (!host) FAIL(host.error().text());
  CHECK(std::string(host->engine().model_hash()) == sha256_hex(*bytes));
  return std::move(*host);
}

std::vector<GoldenRow> read_golden(const std::filesystem::path& path) {
  std::vector<GoldenRow> rows;
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream fields(line);
    std::string file, offset, values;
    std::getline(fields, file, '\t');
    std::getline(fields, offset, '\t');
    std::getline(fields, values, '\t');
    GoldenRow row{file, std::stoul(offset), {}};
    std::istringstream numbers(values);
    for (std::string number; std::getline(numbers, number, ',');) row.values.push_back(std::stod(number));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<float> floats_of(const std::vector<uint8_t>& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<uint8_t> bytes_of(const std::vector<float>& values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

size_t stride(size_t every) { return std::getenv("ASSAY_SOAK") ? 1 : every; }

}  // namespace assay::golden
