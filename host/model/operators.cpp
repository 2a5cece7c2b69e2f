#include "model/operators.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace assay::model {
namespace {

using engine::OpCode;

constexpr OperatorSpec kOperators[] = {
    {0, OpCode::kAdd, "ADD", 5, 2, 2, 0b000, "*=>=", -1},
    {1, OpCode::kAveragePool2d, "AVERAGE_POOL_2D", 3, 1, 1, 0b000, "*>=", -1},
    {3, OpCode::kConv2d, "CONV_2D", 8, 2, 3, 0b110, "*=c>=", 0},
    {4, OpCode::kDepthwiseConv2d, "DEPTHWISE_CONV_2D", 7, 2, 3, 0b110, "*=c>=", 3},
    {6, OpCode::kDequantize, "DEQUANTIZE", 6, 1, 1, 0b000, "b>f", -1},
    {9, OpCode::kFullyConnected, "FULLY_CONNECTED", 14, 2, 3, 0b110, "*=c>=", 0},
    {17, OpCode::kMaxPool2d, "MAX_POOL_2D", 4, 1, 1, 0b000, "*>=", -1},
    {22, OpCode::kReshape, "RESHAPE", 2, 1, 2, 0b010, "=i>=", -1},
    {25, OpCode::kSoftmax, "SOFTMAX", 4, 1, 1, 0b000, "*>=", -1},
    {40, OpCode::kMean, "MEAN", 5, 2, 2, 0b010, "*i>=", -1},
    {114, OpCode::kQuantize, "QUANTIZE", 4, 1, 1, 0b000, "*>b", -1},
};

// Names of operators that Assay lacks but models are likely to have.
struct KnownName {
  int builtin;
  const char* name;
};
constexpr KnownName kOtherNames[] = {{2, "CONCATENATION"},
                                     {5, "DEPTH_TO_SPACE"},
                                     {14, "LOGISTIC"},
                                     {16, "LSTM"},
                                     {18, "MUL"},
                                     {19, "RELU"},
                                     {21, "RELU6"},
                                     {23, "RESIZE_BILINEAR"},
                                     {27, "SVDF"},
                                     {28, "TANH"},
                                     {32, "CUSTOM"},
                                     {34, "PAD"},
                                     {36, "GATHER"},
                                     {39, "TRANSPOSE"},
                                     {41, "SUB"},
                                     {42, "DIV"},
                                     {43, "SQUEEZE"},
                                     {44, "UNIDIRECTIONAL_SEQUENCE_LSTM"},
                                     {45, "STRIDED_SLICE"},
                                     {49, "SPLIT"},
                                     {54, "PRELU"},
                                     {56, "ARG_MAX"},
                                     {65, "SLICE"},
                                     {67, "TRANSPOSE_CONV"},
                                     {70, "EXPAND_DIMS"},
                                     {74, "SUM"},
                                     {82, "REDUCE_MAX"},
                                     {83, "PACK"},
                                     {97, "RESIZE_NEAREST_NEIGHBOR"},
                                     {98, "LEAKY_RELU"},
                                     {117, "HARD_SWISH"},
                                     {119, "WHILE"},
                                     {126, "BATCH_MATMUL"}};

bool type_matches(char letter, ElementType type, ElementType first_input) {
  switch (letter) {
    case 'b':
      return type == ElementType::kInt8;
    case 'i':
      return type == ElementType::kInt32;
    case 'f':
      return type == ElementType::kFloat32;
    case '*':
      return type == ElementType::kInt8 || type == ElementType::kFloat32;
    case 'c':
      return type == (first_input == ElementType::kFloat32 ? ElementType::kFloat32 : ElementType::kInt32);
    default:
      return type == first_input;
  }
}

// An int8 operand needs one scale and a zero point of int8.
Status check_activation(const TensorInfo& info, const std::string& where) {
  if (info.type != ElementType::kInt8) return {};
  if (!(info.scale > 0) || !std::isfinite(info.scale) || info.zero_point < -128 || info.zero_point > 127) {
    return fail(
        "model.bad_quantization",
        fmt::format("tensor '{}' has scale {} and zero point {}", info.name, info.scale, info.zero_point),
        where);
  }
  return {};
}

Status check_weights(const Tensor& weights, int axis, const std::string& where) {
  const auto& info = weights.info;
  if (info.type != ElementType::kInt8) return {};
  if (weights.channel_scales.empty()) {
    ASSAY_CHECK(check_activation(info, where));
  } else if (info.dims.size() <= static_cast<size_t>(axis) ||
             static_cast<int64_t>(weights.channel_scales.size()) != info.dims[static_cast<size_t>(axis)]) {
    return fail("model.bad_quantization",
                fmt::format("weights '{}' of shape {} have {} scales", info.name, info.shape(),
                            weights.channel_scales.size()),
                where);
  }
  for (float scale : weights.channel_scales) {
    if (!(scale >= 0) || !std::isfinite(scale)) {
      return fail("model.bad_quantization", fmt::format("weights '{}' have the scale {}", info.name, scale),
                  where);
    }
  }
  if (info.zero_point != 0) {
    return fail("model.bad_quantization",
                fmt::format("weights '{}' have zero point {}; int8 weights are symmetric", info.name,
                            info.zero_point),
                where);
  }
  return {};
}

Status check_input(const Graph& graph, const Op& op, const OperatorSpec& spec, size_t i,
                   const std::string& where) {
  const bool optional = i >= spec.min_inputs;
  if (op.inputs[i] < 0) {
    if (optional) return {};
    return fail("model.unsupported_operator", fmt::format("{} lacks its input {}", spec.name, i), where);
  }
  const Tensor& tensor = graph.tensors[static_cast<size_t>(op.inputs[i])];
  const Tensor& first = graph.tensors[static_cast<size_t>(op.inputs[0])];
  if (!type_matches(spec.types[i], tensor.info.type, first.info.type)) {
    return fail("model.unsupported_type",
                fmt::format("input {} of {} ('{}') is {}", i, spec.name, tensor.info.name,
                            element_name(tensor.info.type)),
                where);
  }
  const bool must = (spec.constant_inputs >> i & 1) != 0;
  if (must != tensor.constant && !(spec.code == OpCode::kAdd && !must)) {
    return fail("model.unsupported_operator",
                fmt::format("input {} of {} ('{}') {}", i, spec.name, tensor.info.name,
                            must ? "must be constant" : "is constant"),
                where);
  }
  if (must && i == 1 && spec.weight_axis >= 0) return check_weights(tensor, spec.weight_axis, where);
  if (!tensor.channel_scales.empty() && tensor.info.type == ElementType::kInt8) {
    return fail("model.bad_quantization",
                fmt::format("tensor '{}' has a scale per channel", tensor.info.name), where);
  }
  return spec.code == OpCode::kReshape ? Status{} : check_activation(tensor.info, where);
}

}  // namespace

const OperatorSpec* find_operator(int builtin) {
  for (const auto& spec : kOperators) {
    if (spec.builtin == builtin) return &spec;
  }
  return nullptr;
}

std::string operator_name(int builtin) {
  if (const OperatorSpec* spec = find_operator(builtin)) return spec->name;
  for (const auto& known : kOtherNames) {
    if (known.builtin == builtin) return known.name;
  }
  return fmt::format("operator {}", builtin);
}

Status check_operands(const Graph& graph, const Op& op, const OperatorSpec& spec, const std::string& where) {
  if (op.inputs.size() < spec.min_inputs || op.inputs.size() > spec.max_inputs) {
    return fail("model.unsupported_operator", fmt::format("{} has {} inputs", spec.name, op.inputs.size()),
                where);
  }
  for (size_t i = 0; i < op.inputs.size(); ++i) ASSAY_CHECK(check_input(graph, op, spec, i, where));
  const Tensor& output = graph.tensors[static_cast<size_t>(op.output)];
  const Tensor& first = graph.tensors[static_cast<size_t>(op.inputs[0])];
  if (!type_matches(std::strchr(spec.types, '>')[1], output.info.type, first.info.type)) {
    return fail("model.unsupported_type",
                fmt::format("the output of {} ('{}') is {}", spec.name, output.info.name,
                            element_name(output.info.type)),
                where);
  }
  if (!output.channel_scales.empty()) {
    return fail("model.bad_quantization",
                fmt::format("tensor '{}' has a scale per channel", output.info.name), where);
  }
  return spec.code == OpCode::kReshape ? Status{} : check_activation(output.info, where);
}

}  // namespace assay::model
