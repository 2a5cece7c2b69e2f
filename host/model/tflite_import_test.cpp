#include "model/tflite_import.h"

#include <random>

#include "catch.h"
#include "model/host_plan.h"
#include "model/planner.h"
#include "model/sample_model.h"

namespace assay::model {
namespace {

// Everything that a hostile file can reach: import, plan, check, one run.
Status use(std::span<const uint8_t> bytes) {
  ASSAY_TRY(const Graph graph, import_tflite(bytes, "m"));
  ASSAY_TRY(const Plan plan, make_plan(graph, {"host", 1 << 20, 1 << 20, ""}, std::string(64, '0')));
  ASSAY_TRY(HostPlan host, HostPlan::open(plan.bytes));
  ASSAY_TRY(const auto output, host.run(std::vector<uint8_t>(host.input_bytes(), 1)));
  return {};
}

Error error_of(const std::function<void(format::ModelT&)>& spoil) {
  const auto status = use(sample_model(spoil));
  REQUIRE_FALSE(status);
  return status.error();
}

}  // namespace

TEST_CASE("the sample model is imported with its types, shapes, scales and options") {
  const auto graph = import_tflite(sample_model(), "sample");
  REQUIRE(graph);
  REQUIRE(graph->ops.size() == 5);
  CHECK(graph->ops[0].name == "CONV_2D");
  CHECK(graph->ops[0].options.activation == engine::Activation::kRelu6);
  CHECK(graph->ops[0].options.stride_h == 2);
  CHECK(graph->ops[1].inputs == std::vector<int>{3, 4, -1});
  CHECK(graph->tensors[0].info.shape() == "1x8x6x1");
  CHECK(graph->tensors[0].info.zero_point == 3);
  CHECK(graph->tensors[1].channel_scales.size() == 6);
  CHECK(graph->tensors[1].constant);
  CHECK(graph->inputs == std::vector<int>{0});
  CHECK(multiply_accumulates(*graph, graph->ops[0]) == 4 * 3 * 6 * 9);
  CHECK(multiply_accumulates(*graph, graph->ops[3]) == 30);
  CHECK(use(sample_model()));
}

TEST_CASE("an unsupported operator is named with its index") {
  const auto error = error_of([](auto& m) {
    m.operator_codes[3]->builtin_code = 14;
    m.operator_codes[3]->deprecated_builtin_code = 14;
  });
  CHECK(error.code == "model.unsupported_operator");
  CHECK(error.text() == "LOGISTIC is not supported by the native engine (m: operator 3)");
}

TEST_CASE("a newer operator version is refused") {
  const auto error = error_of([](auto& m) { m.operator_codes[4]->version = 99; });
  CHECK(error.code == "model.unsupported_operator");
  CHECK(error.message == "SOFTMAX has version 99; known are 1 to 4");
}

TEST_CASE("each contradiction of a model has its code") {
  const auto code = [](auto spoil) { return error_of(spoil).code; };
  const auto graph = [](format::ModelT& m) -> format::SubGraphT& { return *m.subgraphs[0]; };
  CHECK(code([&](auto& m) { graph(m).operators[0]->inputs[0] = 99; }) == "model.bad_index");
  CHECK(code([&](auto& m) { graph(m).operators[0]->inputs[0] = -2; }) == "model.bad_index");
  CHECK(code([&](auto& m) { graph(m).operators[0]->opcode_index = 5; }) == "model.bad_index");
  CHECK(code([&](auto& m) { graph(m).operators[0]->inputs[0] = 9; }) == "model.bad_index");
  CHECK(code([&](auto& m) { graph(m).tensors[1]->buffer = 77; }) == "model.bad_index");
  CHECK(code([&](auto& m) { graph(m).outputs = {1}; }) == "model.bad_index");
  CHECK(code([&](auto& m) { graph(m).tensors[0]->shape[1] = -1; }) == "model.dynamic_shape");
  CHECK(code([&](auto& m) { graph(m).tensors[0]->shape[1] = 0; }) == "model.bad_shape");
  CHECK(code([&](auto& m) {
          graph(m).tensors[0]->shape_signature = {1, -1, 6, 1};
        }) == "model.dynamic_shape");
  CHECK(code([&](auto& m) { graph(m).tensors[0]->type = format::TensorType_STRING; }) ==
        "model.unsupported_type");
  CHECK(code([&](auto& m) { graph(m).tensors[0]->type = format::TensorType_FLOAT32; }) ==
        "model.unsupported_type");
  CHECK(code([&](auto& m) { graph(m).tensors[3]->shape[1] = 5; }) == "model.bad_shape");
  CHECK(code([&](auto& m) { graph(m).tensors[1]->shape[1] = 2; }) == "model.bad_shape");
  CHECK(code([&](auto& m) {
          graph(m).tensors[0]->shape = {1 << 20, 1 << 20, 1 << 20, 1 << 20};
        }) == "model.bad_shape");
  CHECK(code([&](auto& m) { graph(m).tensors[0]->quantization->scale[0] = 0; }) == "model.bad_quantization");
  CHECK(code([&](auto& m) { graph(m).tensors[0]->quantization->zero_point[0] = 200; }) ==
        "model.bad_quantization");
  CHECK(code([&](auto& m) { graph(m).tensors[1]->quantization->scale.pop_back(); }) ==
        "model.bad_quantization");
  CHECK(code([&](auto& m) { graph(m).tensors[8]->quantization->zero_point[0] = 1; }) ==
        "model.bad_quantization");
  CHECK(code([&](auto& m) { graph(m).tensors[3]->is_variable = true; }) == "model.unsupported_feature");
  CHECK(code([&](auto& m) { graph(m).operators[0]->builtin_options.Reset(); }) ==
        "model.unsupported_operator");
  CHECK(code([&](auto& m) { m.version = 2; }) == "model.unsupported_feature");
  CHECK(code([&](auto& m) { m.subgraphs.clear(); }) == "model.unsupported_feature");
}

TEST_CASE("an open batch is taken as 1") {
  CHECK(use(sample_model([](auto& m) { m.subgraphs[0]->tensors[0]->shape_signature = {-1, 8, 6, 1}; })));
}

TEST_CASE("bytes that are no model are refused") {
  CHECK(import_tflite({}, "m").error().code == "model.not_tflite");
  const std::string text = "Hello, this is not a model at all.";
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  CHECK(import_tflite({bytes, text.size()}, "m").error().code == "model.not_tflite");
}

TEST_CASE("a truncated file is refused at every length") {
  const auto whole = sample_model();
  for (size_t i = 0; i < 100; ++i) {
    // An own allocation of exactly this length, so that AddressSanitizer sees the first byte beyond.
    const std::vector<uint8_t> part(whole.begin(), whole.begin() + static_cast<long>(whole.size() * i / 100));
    const auto graph = import_tflite(part, "m");
    REQUIRE_FALSE(graph);
    CHECK(graph.error().code == (part.size() < 8 ? "model.not_tflite" : "model.truncated"));
  }
}

TEST_CASE("a mutated file never crashes importer, planner or engine") {
  const auto whole = sample_model();
  std::mt19937 random(20260601);
  size_t accepted = 0;
  for (int round = 0; round < 2000; ++round) {
    auto bytes = whole;
    for (uint32_t changes = 1 + random() % 4; changes; --changes) {
      auto& byte = bytes[8 + random() % (bytes.size() - 8)];
      byte =
          random() % 2 ? static_cast<uint8_t>(random()) : static_cast<uint8_t>(byte ^ (1u << random() % 8));
    }
    if (use(bytes)) ++accepted;
  }
  // Weights and names may change harmlessly; indices and shapes may not.
  CHECK(accepted > 100);
  CHECK(accepted < 1900);
}

}  // namespace assay::model
