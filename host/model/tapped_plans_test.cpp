#include "model/tapped_plans.h"

#include <map>

#include "catch.h"
#include "model/host_plan.h"
#include "model/operator_graph.h"
#include "model/sample_model.h"
#include "model/tapped_model.h"
#include "model/tflite_import.h"

namespace assay::model {
namespace {

const std::string kHash(64, '0');

Graph sample_graph() {
  const auto graph = import_tflite(sample_model(), "sample");
  REQUIRE(graph);
  return *graph;
}

std::vector<uint8_t> noise(size_t bytes) {
  std::vector<uint8_t> data(bytes);
  uint32_t random = 7;
  for (auto& byte : data) byte = static_cast<uint8_t>((random = random * 1664525u + 1013904223u) >> 24);
  return data;
}

// What a plan returns, cut into its outputs.
std::vector<std::vector<uint8_t>> outputs_of(const Plan& plan, const std::vector<uint8_t>& input) {
  auto host = HostPlan::open(plan.bytes);
  REQUIRE(host);
  const auto bytes = host->run(input);
  REQUIRE(bytes);
  std::vector<std::vector<uint8_t>> outputs;
  auto at = bytes->begin();
  for (const TensorInfo& info : plan.outputs) {
    outputs.emplace_back(at, at + static_cast<std::ptrdiff_t>(info.bytes()));
    at += static_cast<std::ptrdiff_t>(info.bytes());
  }
  return outputs;
}

// Layers of one size: untapped, two places beside the input serve them all.
Graph chain(int layers) {
  Graph graph;
  graph.name = "chain";
  graph.tensors.resize(static_cast<size_t>(2 * layers + 1));
  graph.tensors[0].info = {"in", ElementType::kInt8, {1, 16}, 0.5, 0};
  for (int i = 0; i < layers; ++i) {
    Tensor& weights = graph.tensors[static_cast<size_t>(2 * i + 1)];
    weights.info = {"weights", ElementType::kInt8, {16, 16}, 0.01, 0};
    weights.constant = true;
    weights.data = noise(256);
    graph.tensors[static_cast<size_t>(2 * i + 2)].info = {"out", ElementType::kInt8, {1, 16}, 0.5, 0};
    const int input = i == 0 ? 0 : 2 * i;
    graph.ops.push_back(
        {engine::OpCode::kFullyConnected, "FULLY_CONNECTED", {}, {input, 2 * i + 1}, 2 * i + 2});
  }
  graph.inputs = {0};
  graph.outputs = {2 * layers};
  return graph;
}

}  // namespace

TEST_CASE("a tapped plan differs from the untapped one in places and outputs alone") {
  const Graph graph = sample_graph();
  const auto plain = make_plan(graph, {}, kHash);
  const auto tapped = make_tapped_plans(graph, {}, kHash, {}, 0);
  REQUIRE(plain);
  REQUIRE(tapped);
  REQUIRE(tapped->plans.size() == 1);
  const TappedPlan& all = tapped->plans[0];
  CHECK(all.ops == std::vector<int>{4, 0, 1, 2, 3});
  CHECK(all.plan.outputs.size() == 5);
  CHECK(all.plan.outputs[1].shape() == "1x4x3x6");
  CHECK(arithmetic_of(all.plan.bytes) == arithmetic_of(plain->bytes));
  CHECK(arithmetic_of(plain->bytes).size() == 5);
  const auto input = noise(48);
  CHECK(outputs_of(all.plan, input)[0] == outputs_of(*plain, input)[0]);
}

TEST_CASE("every way of splitting taps the same bytes, and they are what each operator makes of its inputs") {
  const Graph graph = sample_graph();
  const auto input = noise(48);
  const auto whole = make_tapped_plans(graph, {}, kHash, {}, 0);
  REQUIRE(whole);
  std::map<int, std::vector<uint8_t>> bytes;
  const auto together = outputs_of(whole->plans[0].plan, input);
  for (size_t i = 0; i < together.size(); ++i) bytes[whole->plans[0].ops[i]] = together[i];
  for (size_t most : {2u, 3u, 4u}) {
    const auto split = make_tapped_plans(graph, {}, kHash, {}, most);
    REQUIRE(split);
    CHECK(split->plans.size() == (4 + most - 2) / (most - 1));
    for (const TappedPlan& part : split->plans) {
      const auto outputs = outputs_of(part.plan, input);
      REQUIRE(outputs.size() <= most);
      for (size_t i = 0; i < outputs.size(); ++i) CHECK(outputs[i] == bytes[part.ops[i]]);
    }
  }
  for (int op = 0; op < 5; ++op) {
    const OperatorGraph one = graph_of_operator(graph, op);
    const auto plan = make_plan(one.graph, {}, kHash);
    REQUIRE(plan);
    CHECK(one.sources == std::vector<int>{op - 1});
    CHECK(outputs_of(*plan, op == 0 ? input : bytes[op - 1])[0] == bytes[op]);
  }
}

TEST_CASE("taps that do not fit the arena are split, and one that never fits is left out with the numbers") {
  const Graph graph = chain(6);
  CHECK(make_plan(graph, {}, kHash)->arena_bytes == 3 * 16);
  const auto whole = make_tapped_plans(graph, {}, kHash, {}, 0);
  REQUIRE(whole);
  CHECK(whole->plans[0].plan.arena_bytes == 7 * 16);
  const auto tight = make_tapped_plans(graph, {"host", 0, 5 * 16, ""}, kHash, {}, 0);
  REQUIRE(tight);
  CHECK(tight->plans.size() == 2);
  CHECK(tight->plans[0].ops == std::vector<int>{5, 0, 1});
  CHECK(tight->left_out.empty());
  const auto tighter = make_tapped_plans(graph, {"host", 0, 3 * 16, ""}, kHash, {}, 0);
  REQUIRE(tighter);
  REQUIRE_FALSE(tighter->left_out.empty());
  CHECK(tighter->left_out[0].why == "the arena needs 64 bytes, and there are 48");
  const auto none = make_tapped_plans(graph, {"host", 0, 16, ""}, kHash, {}, 0);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == "model.too_big");
  CHECK(make_tapped_plans(graph, {}, kHash, {7}, 0).error().code == "config.value");
}

TEST_CASE("a tapped .tflite keeps every byte but one offset, and computes the same") {
  const auto file = sample_model();
  const auto tapped = tap_model(file, "sample", {0, 2});
  REQUIRE(tapped);
  CHECK(tapped->outputs == 3);
  REQUIRE(tapped->added.size() == 2);
  CHECK(tapped->added[1].op == 2);
  size_t changed = 0;
  for (size_t i = 0; i < file.size(); ++i) changed += file[i] != tapped->bytes[i];
  CHECK(changed <= 4);
  const auto graph = import_tflite(tapped->bytes, "tapped");
  REQUIRE(graph);
  CHECK(graph->outputs.size() == 3);
  const auto plan = make_plan(*graph, {}, kHash);
  REQUIRE(plan);
  const auto input = noise(48);
  const auto own = make_tapped_plans(sample_graph(), {}, kHash, {0, 2}, 0);
  REQUIRE(own);
  CHECK(outputs_of(*plan, input) == outputs_of(own->plans[0].plan, input));
  // Tapping a tapped model adds what is new.
  CHECK(tap_model(tapped->bytes, "again", {})->outputs == 5);
}

TEST_CASE("what cannot be tapped is refused") {
  CHECK(tap_model(sample_model(), "sample", {5}).error().code == "config.value");
  CHECK(tap_model(std::vector<uint8_t>(100, 1), "junk", {}).error().code == "model.not_tflite");
  auto cut = sample_model();
  cut.resize(cut.size() / 2);
  CHECK(tap_model(cut, "cut", {}).error().code == "model.truncated");
  CHECK(*parse_operators("0,3,7-9") == std::vector<int>{0, 3, 7, 8, 9});
  CHECK(parse_operators("all")->empty());
  for (const char* wrong : {"", "x", "3-1", "1,,2", "-1", "70000", "1-"}) {
    INFO(wrong);
    CHECK(parse_operators(wrong).error().code == "config.value");
  }
}

}  // namespace assay::model
