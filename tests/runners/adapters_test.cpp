// Each adapter on the process board and on an emulated Cortex-M4: what the model looks like from the host,
// outputs equal to goldens that NumPy made of the same files (digits_mlp.py integer, digits_forest.py
// converted), times of layers.
#include <numeric>

#include "base/digest.h"
#include "catch.h"
#include "runners/engine_firmware.h"

using namespace assay;
using namespace assay::runners_test;

namespace {

const char* const kBoards[] = {"posix", "mps2-an386"};
constexpr size_t kRows = 32;

struct Golden {
  std::string firmware, engine, model;
  int factor;  // of int16 features; 0: int8 pixels
  ElementType output;
  uint32_t crc;  // of the outputs of all rows, one after the other
};

const Golden kGoldens[] = {
    {"plain-c", "plain_c", "digits_mlp", 0, ElementType::kInt8, 0x05c603e4},
    {"emlearn", "emlearn", "digits_forest", 2, ElementType::kFloat32, 0x80660454},
    {"emlearn", "emlearn", "digits_forest_raw", 1, ElementType::kFloat32, 0xc58d841d},
};

uint32_t find_model(link::Session& session, const std::string& name) {
  const auto models = session.models();
  if (!models) FAIL(models.error().text());
  for (uint32_t i = 0; i < models->size(); ++i) {
    if (models->at(i).name == name) return i;
  }
  FAIL("the firmware presents no model " << name);
  return 0;
}

link::Inference infer(link::Session& session, uint32_t model, const std::vector<uint8_t>& input,
                      const link::InvokeOptions& options) {
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session.infer(model, inputs, options);
  if (!inference) FAIL(inference.error().code << ": " << inference.error().text());
  return std::move(*inference);
}

void check_outputs(EngineFirmware& firmware, const Golden& golden) {
  link::Session& session = *firmware.session;
  const uint32_t index = find_model(session, golden.model);
  const link::ModelInfo model = session.models()->at(index);
  CHECK(model.engine == golden.engine);
  CHECK(model.hash.size() == 64);
  REQUIRE(model.inputs.size() == 1);
  REQUIRE(model.outputs.size() == 1);
  CHECK(model.inputs[0].type == (golden.factor ? ElementType::kInt16 : ElementType::kInt8));
  CHECK(model.inputs[0].scale > 0);
  CHECK(model.outputs[0].type == golden.output);
  std::vector<uint8_t> outputs;
  for (const auto& row : generated_rows(kRows, 64, 17)) {
    const auto bytes = golden.factor ? as_int16(row, golden.factor) : row;
    const auto inference = infer(session, index, bytes, {});
    CHECK(inference.run.ticks > 0);
    outputs.insert(outputs.end(), inference.outputs.at(0).begin(), inference.outputs.at(0).end());
  }
  CHECK(crc32_of(outputs) == golden.crc);
}

}  // namespace

TEST_CASE("every adapter answers as NumPy does, to the bit, as a process and on the emulated board") {
  for (const Golden& golden : kGoldens) {
    for (const std::string board : kBoards) {
      INFO(golden.model << " on " << board);
      EngineFirmware firmware;
      if (start_firmware(firmware, golden.firmware, board)) check_outputs(firmware, golden);
    }
  }
}

TEST_CASE("the layers of a plain C engine are operators whose times add up to the inference") {
  EngineFirmware firmware;
  if (!start_firmware(firmware, "plain-c", "mps2-an386")) return;
  link::Session& session = *firmware.session;
  CHECK(session.models()->at(0).op_count == 3);
  const auto names = session.op_names(0);
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{"dense 64-32", "dense 32-16", "dense 16-10"});
  for (const auto& row : generated_rows(3, 64, 17)) {
    const auto inference = infer(session, 0, row, {.ops = true});
    const auto records = session.op_records();
    REQUIRE(records);
    REQUIRE(records->size() == 3);
    uint64_t sum = 0;
    for (const auto& record : *records) {
      CHECK(record.calls == 1);
      sum += record.ticks;
    }
    CHECK(sum <= inference.run.ticks);
    CHECK(sum > inference.run.ticks / 100 * 98);
    // 2048, 512 and 160 products.
    CHECK(records->at(0).ticks > 3 * records->at(1).ticks);
    CHECK(records->at(1).ticks > 2 * records->at(2).ticks);
  }
}

TEST_CASE("two forests of one firmware are told apart by their hashes") {
  EngineFirmware firmware;
  if (!start_firmware(firmware, "emlearn", "posix")) return;
  const auto models = firmware.session->models();
  REQUIRE(models);
  REQUIRE(models->size() == 2);
  for (const auto& model : *models) {
    const auto hash =
        sha256_file(std::string(ASSAY_SOURCE_DIR) + "/runners/emlearn/example/" + model.name + ".h");
    REQUIRE(hash);
    CHECK(model.hash == *hash);
  }
  CHECK(models->at(0).inputs[0].scale == 0.5f);
  CHECK(models->at(1).inputs[0].scale == 1.0f);
}
