#include "boards/plan_file.h"

#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "model/tflite_import.h"
#include "shared_data.h"

namespace assay::boards_test {

std::optional<model::Plan> plan_of(const std::string& model, const std::string& core) {
  const auto path = shared_file("models/" + model + ".tflite");
  if (!path) return std::nullopt;
  const auto bytes = read_bytes(*path);
  REQUIRE(bytes);
  const auto graph = model::import_tflite(*bytes, model);
  if (!graph) FAIL(graph.error().text());
  auto plan = model::make_plan(*graph, {.core = core}, sha256_hex(*bytes));
  if (!plan) FAIL(plan.error().text());
  return std::move(*plan);
}

std::filesystem::path write_plan(const model::Plan& plan, const std::filesystem::path& folder) {
  const auto path = folder / "model.plan";
  REQUIRE(write_file(path,
                     std::string_view(reinterpret_cast<const char*>(plan.bytes.data()), plan.bytes.size())));
  return path;
}

std::vector<uint8_t> generated_input(size_t bytes) {
  std::vector<uint8_t> input(bytes);
  uint32_t x = 12345;
  for (auto& byte : input) {
    x = x * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(x >> 24);
  }
  return input;
}

}  // namespace assay::boards_test
