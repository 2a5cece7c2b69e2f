#include "model/tflite_options.h"

#include <fmt/format.h>

#include "tflite_generated.h"

namespace assay::model {
namespace {

using engine::OpCode;
using engine::OpOptions;

Status read_activation(format::ActivationFunctionType type, const OperatorSpec& spec,
                       const std::string& where, OpOptions& options) {
  switch (type) {
    case format::ActivationFunctionType_NONE:
      options.activation = engine::Activation::kNone;
      return {};
    case format::ActivationFunctionType_RELU:
      options.activation = engine::Activation::kRelu;
      return {};
    case format::ActivationFunctionType_RELU_N1_TO_1:
      options.activation = engine::Activation::kReluN1To1;
      return {};
    case format::ActivationFunctionType_RELU6:
      options.activation = engine::Activation::kRelu6;
      return {};
    default:
      break;
  }
  return fail("model.unsupported_operator",
              fmt::format("{} has the fused activation number {}", spec.name, static_cast<int>(type)), where);
}

// What convolutions and pools share.
template <class Table>
Status read_window(const Table& table, const OperatorSpec& spec, const std::string& where,
                   OpOptions& options) {
  if (table.padding() != format::Padding_SAME && table.padding() != format::Padding_VALID) {
    return fail("model.unsupported_operator",
                fmt::format("{} has the padding number {}", spec.name, static_cast<int>(table.padding())),
                where);
  }
  options.padding =
      table.padding() == format::Padding_SAME ? engine::Padding::kSame : engine::Padding::kValid;
  options.stride_h = table.stride_h();
  options.stride_w = table.stride_w();
  return read_activation(table.fused_activation_function(), spec, where, options);
}

template <class Table>
Status read_convolution(const Table& table, const OperatorSpec& spec, const std::string& where,
                        OpOptions& options) {
  options.dilation_h = table.dilation_h_factor();
  options.dilation_w = table.dilation_w_factor();
  return read_window(table, spec, where, options);
}

}  // namespace

Result<OpOptions> read_options(const format::Operator& op, const OperatorSpec& spec,
                               const std::string& where) {
  OpOptions options;
  const auto missing = [&] {
    return fail("model.unsupported_operator", fmt::format("{} has no options", spec.name), where);
  };
  switch (spec.code) {
    case OpCode::kConv2d: {
      const auto* table = op.builtin_options_as_Conv2DOptions();
      if (!table) return missing();
      ASSAY_CHECK(read_convolution(*table, spec, where, options));
      break;
    }
    case OpCode::kDepthwiseConv2d: {
      const auto* table = op.builtin_options_as_DepthwiseConv2DOptions();
      if (!table) return missing();
      options.depth_multiplier = table->depth_multiplier();
      ASSAY_CHECK(read_convolution(*table, spec, where, options));
      break;
    }
    case OpCode::kAveragePool2d:
    case OpCode::kMaxPool2d: {
      const auto* table = op.builtin_options_as_Pool2DOptions();
      if (!table) return missing();
      options.filter_h = table->filter_height();
      options.filter_w = table->filter_width();
      ASSAY_CHECK(read_window(*table, spec, where, options));
      break;
    }
    case OpCode::kFullyConnected: {
      const auto* table = op.builtin_options_as_FullyConnectedOptions();
      if (!table) return missing();
      if (table->weights_format() != 0) {
        return fail("model.unsupported_operator", "FULLY_CONNECTED has shuffled weights", where);
      }
      ASSAY_CHECK(read_activation(table->fused_activation_function(), spec, where, options));
      break;
    }
    case OpCode::kSoftmax: {
      const auto* table = op.builtin_options_as_SoftmaxOptions();
      if (!table) return missing();
      options.beta = table->beta();
      break;
    }
    case OpCode::kAdd:
      if (const auto* table = op.builtin_options_as_AddOptions()) {
        ASSAY_CHECK(read_activation(table->fused_activation_function(), spec, where, options));
      }
      break;
    default:
      break;
  }
  return options;
}

}  // namespace assay::model
