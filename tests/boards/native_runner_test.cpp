// The adapter between the native engine and the agent, on this computer; the agent's operator hooks are
// recorded here.
#include "runners/native/native_runner.h"

#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "base/digest.h"
#include "boards/plan_file.h"
#include "catch.h"
#include "run/agent_limits.h"

using namespace assay;
using namespace assay::boards_test;

static_assert(run::kAgentOutputs == native::NativeRunner::kMaxTensors, "tapped plans have as many outputs as the agent takes");

namespace {

struct HookCall {
  bool begin;
  uint16_t op;
  bool operator==(const HookCall&) const = default;
};
std::vector<HookCall> hook_calls;

struct alignas(16) Arena {
  uint8_t bytes[64 * 1024];
};

}  // namespace

extern "C" {
void assay_op_begin(uint16_t op) { hook_calls.push_back({true, op}); }
void assay_op_end(uint16_t op) { hook_calls.push_back({false, op}); }
}

TEST_CASE("a plan becomes a model that runs bit-exact and reports every operator") {
  const auto plan = plan_of("kws01_kws_ref_model_int8", "host");
  if (!plan) return;
  const auto arena = std::make_unique<Arena>();
  native::NativeRunner runner;
  REQUIRE(runner.open(plan->bytes.data(), plan->bytes.size(), arena->bytes, sizeof arena->bytes) ==
          engine::Status::kOk);
  const assay_model& model = runner.model();
  CHECK(model.name == std::string("kws01_kws_ref_model_int8"));
  CHECK(model.engine == std::string("native"));
  CHECK(std::strlen(model.hash) == 64);
  REQUIRE(model.input_count == 1);
  REQUIRE(model.output_count == 1);
  CHECK(model.op_count == plan->ops.size());
  CHECK(model.arena_bytes == plan->arena_bytes);
  CHECK(model.inputs[0].type == ASSAY_INT8);
  CHECK(model.inputs[0].bytes == 490);
  CHECK(model.inputs[0].scale > 0);

  const auto input = generated_input(490);
  std::memcpy(model.inputs[0].data, input.data(), input.size());
  hook_calls.clear();
  REQUIRE(model.run(model.user) == 0);
  const auto* output = static_cast<const uint8_t*>(model.outputs[0].data);
  CHECK(crc32_of({output, model.outputs[0].bytes}) == 0x1a578907);

  std::vector<HookCall> expected;
  for (uint16_t op = 0; op < model.op_count; ++op) {
    expected.push_back({true, op});
    expected.push_back({false, op});
  }
  CHECK(hook_calls == expected);

  const uint32_t used = model.arena_used(model.user);
  CHECK(used <= plan->arena_bytes);
  CHECK(used + 64 > plan->arena_bytes);
}

TEST_CASE("a region without a usable plan is refused with a line that says what to do") {
  const auto plan = plan_of("hello_world_int8", "host");
  if (!plan) return;
  const auto arena = std::make_unique<Arena>();
  native::NativeRunner runner;
  const auto open = [&](const std::vector<uint8_t>& bytes, size_t arena_bytes) {
    return runner.open(bytes.data(), bytes.size(), arena->bytes, arena_bytes);
  };
  CHECK(open(std::vector<uint8_t>(4096, 0x00), sizeof arena->bytes) == engine::Status::kBadMagic);
  CHECK(open(std::vector<uint8_t>(4096, 0xFF), sizeof arena->bytes) == engine::Status::kBadMagic);
  std::vector<uint8_t> corrupt = plan->bytes;
  corrupt.back() ^= 1;
  CHECK(open(corrupt, sizeof arena->bytes) == engine::Status::kBadChecksum);
  CHECK(open(plan->bytes, 16) == engine::Status::kArenaTooSmall);
  // A region is longer than the plan in it.
  std::vector<uint8_t> region = plan->bytes;
  region.resize(region.size() + 5000, 0xFF);
  CHECK(open(region, sizeof arena->bytes) == engine::Status::kOk);
}

TEST_CASE("every status of the engine has its own line") {
  std::set<std::string> texts;
  for (int status = 0; status <= static_cast<int>(engine::Status::kArenaTooSmall); ++status)
    texts.insert(native::status_text(static_cast<engine::Status>(status)));
  CHECK(texts.size() == static_cast<size_t>(engine::Status::kArenaTooSmall) + 1);
  CHECK(native::status_text(static_cast<engine::Status>(200)) == std::string("unknown engine status"));
}
