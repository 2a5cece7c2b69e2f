#include "model/planner.h"

#include <rapidcheck.h>

#include <algorithm>

#include "catch.h"
#include "engine/kernels/scale.h"
#include "engine/plan.h"
#include "model/lifetimes.h"
#include "model/memory_plan.h"
#include "model/sample_model.h"
#include "model/tflite_import.h"

namespace assay::model {
namespace {

Graph sample_graph() {
  const auto graph = import_tflite(sample_model(), "sample");
  REQUIRE(graph);
  return *graph;
}
const std::string kHash(64, '0');

}  // namespace

TEST_CASE("places that live at one time never overlap, and none lies beyond the arena") {
  CHECK(rc::check([](const std::vector<std::tuple<uint16_t, uint8_t, uint8_t>>& raw) {
    std::vector<ArenaRequest> requests;
    for (const auto& [bytes, first, length] : raw)
      requests.push_back({uint64_t{bytes} + 1, first, first + length % 8});
    const auto placement = place_in_arena(requests);
    uint64_t sum = 0;
    for (size_t i = 0; i < requests.size(); ++i) {
      RC_ASSERT(placement.offsets[i] % engine::kArenaAlignment == 0);
      RC_ASSERT(placement.offsets[i] + requests[i].bytes <= placement.bytes);
      sum += requests[i].bytes + engine::kArenaAlignment;
      for (size_t j = 0; j < i; ++j) {
        const bool time =
            requests[i].first_op <= requests[j].last_op && requests[j].first_op <= requests[i].last_op;
        const bool space = placement.offsets[i] < placement.offsets[j] + requests[j].bytes &&
                           placement.offsets[j] < placement.offsets[i] + requests[i].bytes;
        RC_ASSERT(!(time && space));
      }
    }
    RC_ASSERT(placement.bytes <= sum);
  }));
}

TEST_CASE("places that never live together share memory") {
  const auto placement = place_in_arena({{1000, 0, 1}, {1000, 2, 3}, {1000, 4, 5}});
  CHECK(placement.bytes == 1008);
  CHECK(placement.offsets == std::vector<uint64_t>{0, 0, 0});
}

TEST_CASE("inputs live for the whole run, and a softmax takes the place of its input") {
  const Graph graph = sample_graph();
  const auto lifetimes = find_lifetimes(graph, {false, false, false, false, true});
  CHECK(lifetimes.requests[static_cast<size_t>(lifetimes.place[0])].last_op == 5);
  CHECK(lifetimes.place[1] == -1);
  CHECK(lifetimes.place[9] == lifetimes.place[10]);
  const auto apart = find_lifetimes(graph, {false, false, false, false, false});
  CHECK(apart.place[9] != apart.place[10]);
}

TEST_CASE("a plan tells operators, kernels, work and memory") {
  const auto plan = make_plan(sample_graph(), {"cortex-m4f", 1 << 20, 1 << 20, ""}, kHash);
  REQUIRE(plan);
  REQUIRE(plan->ops.size() == 5);
  CHECK(plan->ops[0].name == "CONV_2D");
  CHECK(plan->ops[0].kernel == "reference/CONV_2D");
  CHECK(plan->ops[0].output.shape() == "1x4x3x6");
  CHECK(plan->ops[0].macs == 648);
  CHECK(plan->ops[2].macs == 0);
  CHECK(plan->ops[0].live_bytes == 48 + 72 + 18);  // input, output, two patches of nine taps
  CHECK(plan->inputs[0].name == "input");
  CHECK(plan->outputs[0].shape() == "1x5");
  for (const auto& entry : plan->arena) CHECK(entry.offset + entry.bytes <= plan->arena_bytes);
  CHECK(plan->arena.size() == 6 + 2);  // six tensors, scratch of two operators
}

TEST_CASE("a plan is the same every time") {
  CHECK(make_plan(sample_graph(), {}, kHash)->bytes == make_plan(sample_graph(), {}, kHash)->bytes);
}

TEST_CASE("a model that does not fit is refused with the numbers") {
  const auto graph = sample_graph();
  const auto whole = make_plan(graph, {}, kHash);
  const auto plan = make_plan(graph, {"cortex-m4", whole->bytes.size() - 1, 0, ""}, kHash);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == "model.too_big");
  CHECK(plan.error().message == "the plan needs " + std::to_string(whole->bytes.size()) +
                                    " bytes, and there are " + std::to_string(whole->bytes.size() - 1));
  const auto arena = make_plan(graph, {"cortex-m4", 0, 64, ""}, kHash);
  REQUIRE_FALSE(arena);
  CHECK(arena.error().code == "model.too_big");
  CHECK(arena.error().message ==
        "the arena needs " + std::to_string(whole->arena_bytes) + " bytes, and there are 64");
  CHECK(make_plan(graph, {"cortex-m4", whole->bytes.size(), whole->arena_bytes, ""}, kHash));
}

TEST_CASE("requantisation factors come from double products") {
  // Single-precision products change about one output of ad01 in 64,000, which few golden inputs notice.
  const float in = 0.1f, weight = 0.0123f, out = 0.3f;
  const auto expected =
      engine::fixed_factor(static_cast<double>(in) * static_cast<double>(weight) / static_cast<double>(out));
  const auto single = engine::fixed_factor(static_cast<double>(in * weight) / static_cast<double>(out));
  REQUIRE(expected.multiplier != single.multiplier);
  Graph graph;
  graph.tensors.resize(3);
  graph.tensors[0].info = {"in", ElementType::kInt8, {1, 2}, in, 0};
  graph.tensors[1].info = {"weights", ElementType::kInt8, {1, 2}, weight, 0};
  graph.tensors[1].constant = true;
  graph.tensors[1].data = {1, 2};
  graph.tensors[2].info = {"out", ElementType::kInt8, {1, 1}, out, 0};
  graph.ops.push_back({engine::OpCode::kFullyConnected, "FULLY_CONNECTED", {}, {0, 1}, 2});
  graph.inputs = {0};
  graph.outputs = {2};
  const auto plan = make_plan(graph, {}, kHash);
  REQUIRE(plan);
  const auto* raw = reinterpret_cast<const uint8_t*>(&expected.multiplier);
  CHECK(std::search(plan->bytes.begin(), plan->bytes.end(), raw, raw + 4) != plan->bytes.end());
}

TEST_CASE("unknown cores and kernel sets are refused") {
  CHECK(make_plan(sample_graph(), {"z80", 0, 0, ""}, kHash).error().code == "config.value");
  CHECK(make_plan(sample_graph(), {"host", 0, 0, "turbo"}, kHash).error().message ==
        "there is no kernel set 'turbo'");
}

}  // namespace assay::model
