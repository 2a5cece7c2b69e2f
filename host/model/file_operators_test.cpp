#include "model/file_operators.h"

#include <fmt/format.h>

#include "base/files.h"
#include "catch.h"
#include "model/operator_graph.h"
#include "model/sample_model.h"
#include "model/tapped_model.h"
#include "model/tflite_import.h"
#include "shared_data.h"

namespace assay::model {
namespace {

// What both readers know, they know alike.
void check_like_import(const std::vector<uint8_t>& file) {
  const auto graph = import_tflite(file, "m");
  REQUIRE(graph);
  const auto read = read_operators(file, "m");
  REQUIRE(read);
  REQUIRE(read->operators.size() == graph->ops.size());
  for (size_t i = 0; i < graph->ops.size(); ++i) {
    const FileOperator& op = read->operators[i];
    CHECK(op.op == graph->ops[i].name);
    CHECK(op.sources == sources_of(*graph, static_cast<int>(i)));
    CHECK(op.outputs == std::vector<int>{graph->ops[i].output});
    const TensorInfo& output = graph->tensors[static_cast<size_t>(graph->ops[i].output)].info;
    CHECK(op.untappable.empty());
    CHECK(op.output.dims == output.dims);
    CHECK(op.output.type == output.type);
    CHECK(op.output.scale == output.scale);
    CHECK(op.output.zero_point == output.zero_point);
    CHECK(op.filter_shape.empty() == (multiply_accumulates(*graph, graph->ops[i]) == 0));
  }
  CHECK(graph->ops[static_cast<size_t>(read->last)].output == graph->outputs[0]);
}

}  // namespace

TEST_CASE("operators of a file are those of the imported graph") {
  check_like_import(sample_model());
  for (const char* name : {"kws01_kws_ref_model_int8", "ic01_pretrainedResnet_quant", "ad01_int8"}) {
    const auto file = shared_file(fmt::format("models/{}.tflite", name));
    if (!file) continue;
    const auto bytes = read_bytes(*file);
    REQUIRE(bytes);
    check_like_import(*bytes);
  }
}

TEST_CASE("operators that the native engine lacks are read too") {
  const auto file = sample_model([](format::ModelT& model) {
    model.operator_codes[2]->deprecated_builtin_code = 27;
    model.operator_codes[2]->builtin_code = static_cast<decltype(model.operator_codes[2]->builtin_code)>(27);
    model.subgraphs[0]->operators[1]->outputs.push_back(0);
  });
  REQUIRE(import_tflite(file, "m").error().code == "model.unsupported_operator");
  const auto read = read_operators(file, "m");
  REQUIRE(read);
  CHECK(read->operators[2].op == "SVDF");
  CHECK(read->operators[1].untappable == "it has 2 outputs");
}

TEST_CASE("a model that ends at an operator is as long as the whole one") {
  const auto file = sample_model();
  const auto graph = import_tflite(file, "m");
  REQUIRE(graph);
  for (size_t op = 0; op < graph->ops.size(); ++op) {
    const auto cut = model_ending_at(file, "m", static_cast<int>(op));
    REQUIRE(cut);
    CHECK(cut->size() == file.size());
    const auto again = import_tflite(*cut, "m");
    REQUIRE(again);
    CHECK(again->outputs == std::vector<int>{graph->ops[op].output});
    CHECK(again->inputs == graph->inputs);
    CHECK(again->ops.size() == graph->ops.size());
  }
  CHECK(model_ending_at(file, "m", 5).error().code == "config.value");
  CHECK(model_ending_at(std::vector<uint8_t>(100, 1), "m", 0).error().code == "model.not_tflite");
}

TEST_CASE("no cut or mangled file crashes the reader of operators") {
  const auto whole = sample_model();
  for (size_t size = 0; size < whole.size(); size += 13)
    CHECK_FALSE(read_operators({whole.data(), size}, "cut"));
  uint32_t random = 5;
  int read = 0;
  for (int round = 0; round < 2000; ++round) {
    auto bytes = whole;
    for (int i = 0; i < 3; ++i) {
      random = random * 1664525u + 1013904223u;
      bytes[(random >> 8) % bytes.size()] = static_cast<uint8_t>(random >> 24);
    }
    const auto operators = read_operators(bytes, "m");
    if (!operators) continue;
    ++read;
    for (size_t op = 0; op < operators->operators.size(); ++op)
      (void)model_ending_at(bytes, "m", static_cast<int>(op));
  }
  CHECK(read > 100);
}

}  // namespace assay::model
