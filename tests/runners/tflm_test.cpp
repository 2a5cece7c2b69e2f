// The TFLM adapter against a real TFLM that the user names (runners/tflm/CMakeLists.txt): kws01 on the
// emulated Cortex-M4, once for each library, equal to the published outputs of TFLM's reference kernels to
// the bit; operators add up.
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>

#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "runners/engine_firmware.h"
#include "shared_data.h"

using namespace assay;
using namespace assay::runners_test;
namespace fs = std::filesystem;

namespace {

// kws01, in the order of execution.
constexpr size_t kOperators = 13;
constexpr size_t kSamples = 24;

std::vector<uint8_t> generated_bytes(size_t count) {
  std::vector<uint8_t> bytes(count);
  uint32_t x = 12345;
  for (auto& byte : bytes) {
    x = x * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(x >> 24);
  }
  return bytes;
}

link::Inference infer(link::Session& session, const std::vector<uint8_t>& input, bool ops) {
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session.infer(0, inputs, {.ops = ops});
  if (!inference) FAIL(inference.error().code << ": " << inference.error().text());
  return std::move(*inference);
}

void check_goldens(link::Session& session, const fs::path& table, const fs::path& dataset) {
  std::ifstream rows(table);
  std::string line;
  size_t samples = 0;
  for (; samples < kSamples && std::getline(rows, line); ++samples) {
    std::istringstream words(line);
    std::string file, offset, values;
    words >> file >> offset >> values;
    const auto input = read_bytes(dataset / file);
    REQUIRE(input);
    const auto outputs = infer(session, *input, false).outputs.at(0);
    std::string told;
    for (const uint8_t byte : outputs)
      told += (told.empty() ? "" : ",") + std::to_string(static_cast<int8_t>(byte));
    INFO(file);
    CHECK(told == values);
  }
  CHECK(samples == kSamples);
}

void check_operators(link::Session& session, const std::string& image) {
  const auto input = generated_bytes(490);
  const auto silent = infer(session, input, false);
  const auto timed = infer(session, input, true);
  CHECK(crc32_of(silent.outputs.at(0)) == 0x1a578907);
  CHECK(timed.outputs == silent.outputs);
  const auto records = session.op_records();
  REQUIRE(records);
  REQUIRE(records->size() == kOperators);
  const auto names = session.op_names(0);
  REQUIRE(names);
  REQUIRE(names->size() == kOperators);
  CHECK(names->front() == "CONV_2D");
  CHECK(names->at(1) == "DEPTHWISE_CONV_2D");
  CHECK(names->back() == "SOFTMAX");
  uint64_t sum = 0;
  std::cout << image << ": by operator, instructions:";
  for (const auto& record : *records) {
    CHECK(record.calls == 1);
    sum += instructions(session.board(), record.ticks);
    std::cout << ' ' << instructions(session.board(), record.ticks);
  }
  const uint64_t with_hooks = instructions(session.board(), timed.run.ticks);
  const uint64_t without = instructions(session.board(), silent.run.ticks);
  std::cout << "; sum " << sum << ", total " << with_hooks << " with hooks, " << without << " without\n";
  CHECK(sum <= with_hooks);
  CHECK(sum > with_hooks - with_hooks / 1000);
  // The agent's hooks and TFLM's own calls of a profiler.
  CHECK(with_hooks >= without);
  CHECK(with_hooks - without <= std::max<uint64_t>(without / 1000, 20 * kOperators));
}

}  // namespace

TEST_CASE("TFLM under the agent answers kws01 as published, and its operators add up to the inference") {
  const auto table = shared_file("golden/kws01_tflm_int8.tsv");
  const auto dataset = shared_file("datasets/kws01");
  if (!table || !dataset) return;
  int number = 1;
  for (;; ++number) {
    const std::string name = "tflm-" + std::to_string(number);
    if (!fs::exists(fs::path(ASSAY_SOURCE_DIR) / "build/firmware" / ("assay-" + name + "-mps2-an386.elf")))
      break;
    EngineFirmware firmware;
    if (!start_firmware(firmware, name, "mps2-an386")) return;
    link::Session& session = *firmware.session;
    INFO(name);
    const auto models = session.models();
    REQUIRE(models);
    REQUIRE(models->size() == 1);
    CHECK(models->at(0).engine == "tflm");
    CHECK(models->at(0).op_count == kOperators);
    CHECK(models->at(0).inputs.at(0).dims == std::vector<int64_t>{1, 49, 10, 1});
    check_goldens(session, *table, *dataset);
    check_operators(session, name);
    const auto memory = session.memory(0);
    REQUIRE(memory);
    CHECK(memory->arena_touched.value_or(0) > 10'000);
    CHECK(memory->arena_touched.value_or(1u << 30) < 65'536);
    std::cout << name << ": arena " << memory->arena_touched.value_or(0) << " bytes\n";
  }
  if (number == 1)
    WARN("skipped: no TFLM is named; configure the firmware tree as runners/tflm/CMakeLists.txt says");
}
