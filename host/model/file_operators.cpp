#include "model/file_operators.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/operators.h"
#include "model/tflite_import.h"
#include "model/tflite_tensor.h"
#include "tflite_generated.h"

namespace assay::model {
namespace {

using Indices = flatbuffers::Vector<int32_t>;

class Walk {
 public:
  Walk(const format::Model& model, const std::string& name)
      : model_(model), graph_(*model.subgraphs()->Get(0)), name_(name) {}

  Result<FileOperators> read() {
    ASSAY_CHECK(note_inputs());
    FileOperators all;
    for (size_t i = 0; graph_.operators() && i < graph_.operators()->size(); ++i) {
      ASSAY_TRY(FileOperator op, read_operator(i));
      all.operators.push_back(std::move(op));
    }
    if (!graph_.outputs() || graph_.outputs()->size() == 0 || !is_tensor(graph_.outputs()->Get(0)))
      return fail("model.unsupported_feature", "the model has no output", name_);
    all.last = std::max(-1, maker_[static_cast<size_t>(graph_.outputs()->Get(0))]);
    return all;
  }

 private:
  static constexpr int kNobody = -1000;  // a constant, or a variable

  bool is_tensor(int32_t index) const { return index >= 0 && static_cast<size_t>(index) < maker_.size(); }
  const format::Tensor& tensor(int32_t index) const {
    return *graph_.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  Status note_inputs() {
    maker_.assign(graph_.tensors() ? graph_.tensors()->size() : 0, kNobody);
    for (size_t i = 0; graph_.inputs() && i < graph_.inputs()->size(); ++i) {
      const int32_t index = graph_.inputs()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (!is_tensor(index))
        return fail("model.bad_index", fmt::format("model input {} is tensor {}", i, index), name_);
      maker_[static_cast<size_t>(index)] = -1 - static_cast<int>(i);
    }
    return {};
  }

  std::string name_of(const format::Operator& op) const {
    if (!model_.operator_codes() || op.opcode_index() >= model_.operator_codes()->size())
      return fmt::format("code {}", op.opcode_index());
    const auto* code = model_.operator_codes()->Get(op.opcode_index());
    if (code->custom_code()) return fmt::format("CUSTOM '{}'", code->custom_code()->str());
    return operator_name(std::max<int>(code->builtin_code(), code->deprecated_builtin_code()));
  }

  // "" where it cannot be said.
  std::string shape_of(const Indices* inputs, size_t index) const {
    if (!inputs || index >= inputs->size()) return "";
    const int32_t at = inputs->Get(static_cast<flatbuffers::uoffset_t>(index));
    if (!is_tensor(at)) return "";
    const auto read = read_tensor_head(tensor(at), at, name_);
    return read ? read->info.shape() : "";
  }

  // Its second input is a constant, and no shape, axis or padding.
  bool has_weights(const Indices* inputs) const {
    if (!inputs || inputs->size() < 2 || !is_tensor(inputs->Get(1))) return false;
    const int32_t at = inputs->Get(1);
    const format::TensorType type = tensor(at).type();
    return maker_[static_cast<size_t>(at)] == kNobody && type != format::TensorType_INT32 &&
           type != format::TensorType_INT64;
  }

  Result<FileOperator> read_operator(size_t index) {
    const format::Operator& from = *graph_.operators()->Get(static_cast<flatbuffers::uoffset_t>(index));
    FileOperator op;
    op.op = name_of(from);
    const std::string where = fmt::format("{}: operator {} {}", name_, index, op.op);
    for (size_t i = 0; from.inputs() && i < from.inputs()->size(); ++i) {
      const int32_t input = from.inputs()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (input == -1) continue;  // optional
      if (!is_tensor(input)) return fail("model.bad_index", fmt::format("it reads tensor {}", input), where);
      const int source = maker_[static_cast<size_t>(input)];
      if (source != kNobody && std::find(op.sources.begin(), op.sources.end(), source) == op.sources.end())
        op.sources.push_back(source);
    }
    for (size_t i = 0; from.outputs() && i < from.outputs()->size(); ++i) {
      const int32_t output = from.outputs()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (!is_tensor(output))
        return fail("model.bad_index", fmt::format("it writes tensor {}", output), where);
      maker_[static_cast<size_t>(output)] = static_cast<int>(index);
      op.outputs.push_back(output);
    }
    op.input_shape = shape_of(from.inputs(), 0);
    if (has_weights(from.inputs())) op.filter_shape = shape_of(from.inputs(), 1);
    read_output(op, where);
    return op;
  }

  void read_output(FileOperator& op, const std::string& where) const {
    if (op.outputs.size() != 1) {
      op.untappable = fmt::format("it has {} outputs", op.outputs.size());
      return;
    }
    auto read = read_tensor_head(tensor(op.outputs[0]), op.outputs[0], where);
    if (read)
      op.output = std::move(read->info);
    else
      op.untappable = read.error().message;
  }

  const format::Model& model_;
  const format::SubGraph& graph_;
  const std::string& name_;
  std::vector<int> maker_;  // of each tensor
};

}  // namespace

Result<FileOperators> read_operators(std::span<const uint8_t> file, const std::string& name) {
  // FlatBuffers want alignment, which a span into a file need not have.
  const std::vector<uint8_t> copy(file.begin(), file.end());
  ASSAY_CHECK(verify_tflite(copy, name));
  const auto* model = format::GetModel(copy.data());
  if (!model->subgraphs() || model->subgraphs()->size() != 1)
    return fail("model.unsupported_feature", "only models of one subgraph can be tapped", name);
  return Walk(*model, name).read();
}

}  // namespace assay::model
