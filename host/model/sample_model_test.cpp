#include "model/sample_model.h"

#include <cstring>

namespace assay::model {
namespace {

using format::TensorType;

struct Builder {
  format::ModelT model;
  format::SubGraphT* graph;
  uint32_t random = 1;

  Builder() {
    model.version = 3;
    model.subgraphs.push_back(std::make_unique<format::SubGraphT>());
    graph = model.subgraphs[0].get();
    model.buffers.push_back(std::make_unique<format::BufferT>());
  }

  int tensor(const char* name, TensorType type, std::vector<int> shape, std::vector<float> scales,
             int64_t zero_point, std::vector<uint8_t> data = {}, int axis = 0) {
    auto t = std::make_unique<format::TensorT>();
    t->name = name;
    t->type = type;
    t->shape = std::move(shape);
    t->quantization = std::make_unique<format::QuantizationParametersT>();
    t->quantization->zero_point.assign(scales.size(), zero_point);
    t->quantization->scale = std::move(scales);
    t->quantization->quantized_dimension = axis;
    if (!data.empty()) {
      t->buffer = static_cast<uint32_t>(model.buffers.size());
      model.buffers.push_back(std::make_unique<format::BufferT>());
      model.buffers.back()->data = std::move(data);
    }
    graph->tensors.push_back(std::move(t));
    return static_cast<int>(graph->tensors.size()) - 1;
  }

  std::vector<uint8_t> noise(size_t bytes) {
    std::vector<uint8_t> data(bytes);
    for (auto& byte : data) byte = static_cast<uint8_t>((random = random * 1664525u + 1013904223u) >> 24);
    return data;
  }

  std::vector<uint8_t> bias(size_t channels) {
    std::vector<uint8_t> data(channels * 4, 0);
    for (size_t c = 0; c < channels; ++c) data[c * 4] = static_cast<uint8_t>(c * 9);
    return data;
  }

  template <class Options>
  void op(int builtin, int version, std::vector<int> inputs, int output, Options options) {
    auto code = std::make_unique<format::OperatorCodeT>();
    code->deprecated_builtin_code = static_cast<int8_t>(builtin);
    code->builtin_code = builtin;
    code->version = version;
    auto o = std::make_unique<format::OperatorT>();
    o->opcode_index = static_cast<uint32_t>(model.operator_codes.size());
    o->inputs = std::move(inputs);
    o->outputs = {output};
    if constexpr (!std::is_same_v<Options, std::nullptr_t>) o->builtin_options.Set(std::move(options));
    model.operator_codes.push_back(std::move(code));
    graph->operators.push_back(std::move(o));
  }
};

}  // namespace

std::vector<uint8_t> sample_model(const std::function<void(format::ModelT&)>& spoil) {
  Builder b;
  const std::vector<float> per_channel{0.004f, 0.005f, 0.006f, 0.007f, 0.008f, 0.009f};
  const int input = b.tensor("input", format::TensorType_INT8, {1, 8, 6, 1}, {0.05f}, 3);
  const int filter = b.tensor("filter", format::TensorType_INT8, {6, 3, 3, 1}, per_channel, 0, b.noise(54));
  const int conv_bias = b.tensor("conv_bias", format::TensorType_INT32, {6}, {}, 0, b.bias(6));
  const int conv = b.tensor("conv", format::TensorType_INT8, {1, 4, 3, 6}, {0.06f}, -128);
  const int depth = b.tensor("depth", format::TensorType_INT8, {1, 3, 3, 6}, per_channel, 0, b.noise(54), 3);
  const int depthwise = b.tensor("depthwise", format::TensorType_INT8, {1, 4, 3, 6}, {0.09f}, -7);
  const int axes = b.tensor("axes", format::TensorType_INT32, {2}, {}, 0, {1, 0, 0, 0, 2, 0, 0, 0});
  const int mean = b.tensor("mean", format::TensorType_INT8, {1, 6}, {0.03f}, 5);
  const int weights = b.tensor("weights", format::TensorType_INT8, {5, 6}, {0.01f}, 0, b.noise(30));
  const int logits = b.tensor("logits", format::TensorType_INT8, {1, 5}, {0.1f}, 10);
  const int output = b.tensor("output", format::TensorType_INT8, {1, 5}, {1.0f / 256}, -128);

  format::Conv2DOptionsT convolution;
  convolution.stride_h = convolution.stride_w = 2;
  convolution.fused_activation_function = format::ActivationFunctionType_RELU6;
  b.op(3, 3, {input, filter, conv_bias}, conv, std::move(convolution));
  format::DepthwiseConv2DOptionsT depthwise_options;
  depthwise_options.stride_h = depthwise_options.stride_w = depthwise_options.depth_multiplier = 1;
  b.op(4, 3, {conv, depth, -1}, depthwise, std::move(depthwise_options));
  b.op(40, 2, {depthwise, axes}, mean, nullptr);
  b.op(9, 4, {mean, weights, -1}, logits, format::FullyConnectedOptionsT{});
  format::SoftmaxOptionsT softmax;
  softmax.beta = 1;
  b.op(25, 2, {logits}, output, std::move(softmax));
  b.graph->inputs = {input};
  b.graph->outputs = {output};
  if (spoil) spoil(b.model);

  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(format::Model::Pack(builder, &b.model), format::ModelIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace assay::model
