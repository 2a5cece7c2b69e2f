#include "model/tflite_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/operators.h"
#include "model/tflite_options.h"
#include "model/tflite_tensor.h"
#include "tflite_generated.h"

namespace assay::model {
namespace {

constexpr size_t kMaxTensors = 65535;  // plans index tensors and operators with 16 bits

struct Source {
  const format::Model* model;
  const format::SubGraph* graph;
  std::string name;
};

template <class T>
size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector ? vector->size() : 0;
}

Result<const format::Model*> verified(std::span<const uint8_t> bytes, const std::string& name) {
  if (bytes.size() < 8 || !flatbuffers::BufferHasIdentifier(bytes.data(), format::ModelIdentifier())) {
    return fail("model.not_tflite", fmt::format("'{}' ({} bytes) is not a .tflite file", name, bytes.size()));
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!format::VerifyModelBuffer(verifier)) {
    return fail(
        "model.truncated",
        fmt::format("'{}' ({} bytes) points outside itself: it is truncated or damaged", name, bytes.size()));
  }
  return format::GetModel(bytes.data());
}

// Buffer 0 and empty buffers mean "computed, not constant".
Status read_data(const Source& source, const format::Tensor& from, Tensor& tensor, const std::string& where) {
  if (from.buffer() >= size_of(source.model->buffers())) {
    return fail("model.bad_index",
                fmt::format("tensor '{}' names buffer {} of {}", tensor.info.name, from.buffer(),
                            size_of(source.model->buffers())),
                where);
  }
  const auto* buffer = source.model->buffers()->Get(from.buffer());
  if (buffer->offset() > 1 || buffer->size() > 1) {
    return fail("model.unsupported_feature",
                fmt::format("tensor '{}' has its data outside the FlatBuffer", tensor.info.name), where);
  }
  if (size_of(buffer->data()) == 0) return {};
  if (buffer->data()->size() != tensor.info.bytes()) {
    return fail("model.bad_shape",
                fmt::format("tensor '{}' of shape {} needs {} bytes, its buffer has {}", tensor.info.name,
                            tensor.info.shape(), tensor.info.bytes(), buffer->data()->size()),
                where);
  }
  tensor.constant = true;
  tensor.data.assign(buffer->data()->begin(), buffer->data()->end());
  return {};
}

Result<Tensor> read_tensor(const Source& source, int index) {
  const auto* from = source.graph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
  const std::string where = fmt::format("{}: tensor {}", source.name, index);
  ASSAY_TRY(Tensor tensor, read_tensor_head(*from, index, where));
  if (from->is_variable() || from->sparsity()) {
    return fail(
        "model.unsupported_feature",
        fmt::format("tensor '{}' is {}", tensor.info.name, from->sparsity() ? "sparse" : "a variable"),
        where);
  }
  ASSAY_CHECK(read_data(source, *from, tensor, where));
  return tensor;
}

// Copies the index list and reads each tensor that it names for the first time.
Status read_indices(const Source& source, const flatbuffers::Vector<int32_t>* from, bool optional,
                    const std::string& where, std::set<int>& known, Graph& graph, std::vector<int>& to) {
  if (!from) return {};
  for (int32_t index : *from) {
    to.push_back(index);
    if (index == -1 && optional) continue;
    if (index < 0 || static_cast<size_t>(index) >= graph.tensors.size()) {
      return fail("model.bad_index",
                  fmt::format("tensor index {} of {} tensors", index, graph.tensors.size()), where);
    }
    if (!known.insert(index).second) continue;
    ASSAY_TRY(graph.tensors[static_cast<size_t>(index)], read_tensor(source, index));
  }
  return {};
}

Result<const OperatorSpec*> read_code(const Source& source, const format::Operator& op,
                                      const std::string& where) {
  if (op.opcode_index() >= size_of(source.model->operator_codes())) {
    return fail(
        "model.bad_index",
        fmt::format("operator code {} of {}", op.opcode_index(), size_of(source.model->operator_codes())),
        where);
  }
  const auto* code = source.model->operator_codes()->Get(op.opcode_index());
  const int builtin = std::max<int>(code->builtin_code(), code->deprecated_builtin_code());
  const OperatorSpec* spec = find_operator(builtin);
  if (!spec) {
    const std::string name =
        code->custom_code() ? "CUSTOM '" + code->custom_code()->str() + "'" : operator_name(builtin);
    return fail("model.unsupported_operator", fmt::format("{} is not supported by the native engine", name),
                where);
  }
  if (code->version() < 1 || code->version() > spec->max_version) {
    return fail(
        "model.unsupported_operator",
        fmt::format("{} has version {}; known are 1 to {}", spec->name, code->version(), spec->max_version),
        where);
  }
  return spec;
}

Status read_ops(const Source& source, std::set<int>& known, Graph& graph) {
  std::set<int> made(graph.inputs.begin(), graph.inputs.end());
  for (size_t i = 0; i < size_of(source.graph->operators()); ++i) {
    const auto* from = source.graph->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
    std::string where = fmt::format("{}: operator {}", source.name, i);
    ASSAY_TRY(const OperatorSpec* spec, read_code(source, *from, where));
    where += fmt::format(" {}", spec->name);
    Op op;
    op.code = spec->code;
    op.name = spec->name;
    ASSAY_CHECK(read_indices(source, from->inputs(), true, where, known, graph, op.inputs));
    std::vector<int> outputs;
    ASSAY_CHECK(read_indices(source, from->outputs(), false, where, known, graph, outputs));
    if (outputs.size() != 1)
      return fail("model.unsupported_operator", fmt::format("{} outputs, not 1", outputs.size()), where);
    op.output = outputs[0];
    for (int input : op.inputs) {
      if (input >= 0 && !graph.tensors[static_cast<size_t>(input)].constant && !made.count(input)) {
        return fail("model.bad_index", fmt::format("tensor {} is used before an operator makes it", input),
                    where);
      }
    }
    if (graph.tensors[static_cast<size_t>(op.output)].constant || !made.insert(op.output).second) {
      return fail("model.bad_index", fmt::format("tensor {} is written twice or constant", op.output), where);
    }
    ASSAY_CHECK(check_operands(graph, op, *spec, where));
    ASSAY_TRY(op.options, read_options(*from, *spec, where));
    graph.ops.push_back(std::move(op));
  }
  for (int output : graph.outputs) {
    if (!made.count(output)) {
      return fail("model.bad_index", fmt::format("no operator makes the model output, tensor {}", output),
                  source.name);
    }
  }
  return {};
}

// The verified file, its one subgraph, and the indices of its inputs and outputs.
Result<Source> open_source(std::span<const uint8_t> bytes, const std::string& name) {
  ASSAY_TRY(const format::Model* model, verified(bytes, name));
  if (model->version() != 3 || size_of(model->subgraphs()) != 1) {
    return fail("model.unsupported_feature",
                fmt::format("schema version {} with {} subgraphs; version 3 with 1 is supported",
                            model->version(), size_of(model->subgraphs())),
                name);
  }
  const Source source{model, model->subgraphs()->Get(0), name};
  const size_t tensors = size_of(source.graph->tensors());
  const size_t ops = size_of(source.graph->operators());
  if (tensors > kMaxTensors || ops > kMaxTensors || size_of(source.graph->inputs()) > 255 ||
      size_of(source.graph->outputs()) > 255) {
    return fail("model.unsupported_feature",
                fmt::format("{} tensors and {} operators are too many", tensors, ops), name);
  }
  return source;
}

// The verifier promises alignment relative to the first byte only: a copy where that is not aligned.
std::span<const uint8_t> aligned(std::span<const uint8_t> bytes, std::vector<uint8_t>& copy) {
  if (reinterpret_cast<uintptr_t>(bytes.data()) % 16 == 0) return bytes;
  copy.assign(bytes.begin(), bytes.end());
  return copy;
}

// Inputs and outputs of the subgraph, as tensors of the graph.
Status read_border_tensors(const Source& source, std::set<int>& known, Graph& graph) {
  graph.name = source.name;
  graph.tensors.resize(size_of(source.graph->tensors()));
  ASSAY_CHECK(read_indices(source, source.graph->inputs(), false, source.name, known, graph, graph.inputs));
  ASSAY_CHECK(read_indices(source, source.graph->outputs(), false, source.name, known, graph, graph.outputs));
  for (int input : graph.inputs) {
    if (graph.tensors[static_cast<size_t>(input)].constant) {
      return fail("model.bad_index", fmt::format("the model input, tensor {}, is constant", input),
                  source.name);
    }
  }
  return {};
}

}  // namespace

Result<Graph> import_tflite(std::span<const uint8_t> bytes, const std::string& name) {
  std::vector<uint8_t> copy;
  ASSAY_TRY(const Source source, open_source(aligned(bytes, copy), name));
  Graph graph;
  std::set<int> known;
  ASSAY_CHECK(read_border_tensors(source, known, graph));
  ASSAY_CHECK(read_ops(source, known, graph));
  if (graph.inputs.empty() || graph.outputs.empty() || graph.ops.empty()) {
    return fail("model.unsupported_feature", "the model has no input, no output or no operator", name);
  }
  return graph;
}

Status verify_tflite(std::span<const uint8_t> bytes, const std::string& name) {
  std::vector<uint8_t> copy;
  auto model = verified(aligned(bytes, copy), name);
  if (!model) return fail(model.error());
  return {};
}

Result<Border> read_border(std::span<const uint8_t> bytes, const std::string& name) {
  std::vector<uint8_t> copy;
  ASSAY_TRY(const Source source, open_source(aligned(bytes, copy), name));
  Graph graph;
  std::set<int> known;
  ASSAY_CHECK(read_border_tensors(source, known, graph));
  Border border;
  for (int index : graph.inputs) border.inputs.push_back(graph.tensors[static_cast<size_t>(index)].info);
  for (int index : graph.outputs) border.outputs.push_back(graph.tensors[static_cast<size_t>(index)].info);
  if (border.inputs.empty() || border.outputs.empty()) {
    return fail("model.unsupported_feature", "the model has no input or no output", name);
  }
  return border;
}

}  // namespace assay::model
