// Packers of the float32 forms: shapes as everywhere, weights regrouped, no requantisation.
#include <cfloat>

#include "add_f32.h"
#include "conv2d_f32.h"
#include "depthwise_conv2d_f32.h"
#include "mean_f32.h"
#include "pool2d_f32.h"
#include "reference_pack.h"
#include "shapes_pack.h"
#include "softmax_f32.h"

namespace assay::engine::reference {
namespace {

FloatRange range_of(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      break;
    case Activation::kRelu:
      return {0, FLT_MAX};
    case Activation::kReluN1To1:
      return {-1, 1};
    case Activation::kRelu6:
      return {0, 6};
  }
  return {-FLT_MAX, FLT_MAX};
}

template <class Parameters>
PackStatus done(const Parameters& p, Packed& packed, std::vector<uint8_t> read_inputs = {0}) {
  packed.append(&p, sizeof p);
  packed.read_inputs = std::move(read_inputs);
  return PackStatus::kOk;
}

// Parameters, then bias (zeros where the model has none), then weights.
template <class Parameters>
PackStatus done_layer(const PackRequest& request, Parameters p, size_t bias_count,
                      const std::vector<float>& weights, Packed& packed) {
  std::vector<float> bias(bias_count, 0.0f);
  if (request.inputs.size() > 2 && request.inputs[2]) {
    std::memcpy(bias.data(), request.inputs[2]->data,
                static_cast<size_t>(request.inputs[2]->elements()) * sizeof(float));
  }
  p.range = range_of(request.options.activation);
  packed.append(&p, sizeof p);
  p.bias = packed.append(bias.data(), bias.size() * sizeof(float));
  p.weights = packed.append(weights.data(), weights.size() * sizeof(float));
  std::memcpy(packed.parameters.data(), &p, sizeof p);
  packed.read_inputs = {0};
  return PackStatus::kOk;
}

// Weights of the model are [out_c][taps].
PackStatus pack_groups(const PackRequest& request, const Conv2dF32Parameters& p, Packed& packed) {
  const size_t out_c = p.window.out_c, padded = (out_c + 3) & ~size_t{3};
  const size_t taps = size_t{p.window.filter_h} * p.window.filter_w * p.window.in_c;
  std::vector<float> weights(padded * taps, 0.0f);
  for (size_t c = 0; c < out_c; ++c) {
    float* group = weights.data() + (c / 4) * 4 * taps + c % 4;
    for (size_t t = 0; t < taps; ++t) {
      std::memcpy(group + t * 4, request.inputs[1]->data + (c * taps + t) * sizeof(float), sizeof(float));
    }
  }
  return done_layer(request, p, padded, weights, packed);
}

}  // namespace

PackStatus pack_conv2d_f32(const PackRequest& request, Packed& packed, std::string& why) {
  Conv2dF32Parameters p{};
  return conv2d_shape(request, p.window, why) ? pack_groups(request, p, packed) : PackStatus::kInvalid;
}

PackStatus pack_fully_connected_f32(const PackRequest& request, Packed& packed, std::string& why) {
  Conv2dF32Parameters p{};
  return fully_connected_shape(request, p.window, why) ? pack_groups(request, p, packed)
                                                       : PackStatus::kInvalid;
}

PackStatus pack_depthwise_conv2d_f32(const PackRequest& request, Packed& packed, std::string& why) {
  DepthwiseF32Parameters p{};
  if (!depthwise_shape(request, p.window, why)) return PackStatus::kInvalid;
  p.depth_multiplier = p.window.out_c / p.window.in_c;
  std::vector<float> weights(size_t{p.window.filter_h} * p.window.filter_w * p.window.out_c);
  std::memcpy(weights.data(), request.inputs[1]->data, weights.size() * sizeof(float));
  return done_layer(request, p, p.window.out_c, weights, packed);
}

PackStatus pack_pool2d_f32(const PackRequest& request, Packed& packed, std::string& why) {
  PoolF32Parameters p{{}, range_of(request.options.activation)};
  return pool_shape(request, p.window, why) ? done(p, packed) : PackStatus::kInvalid;
}

PackStatus pack_mean_f32(const PackRequest& request, Packed& packed, std::string& why) {
  MeanShape shape;
  if (!mean_shape(request, shape, why)) return PackStatus::kInvalid;
  return done(MeanF32Parameters{static_cast<uint32_t>(shape.pixels), static_cast<uint32_t>(shape.channels)},
              packed);
}

PackStatus pack_softmax_f32(const PackRequest& request, Packed& packed, std::string& why) {
  SoftmaxShape shape;
  if (!softmax_shape(request, shape, why)) return PackStatus::kInvalid;
  if (!(request.options.beta >= 0)) {
    why = "beta is negative or not a number";
    return PackStatus::kInvalid;
  }
  return done(SoftmaxF32Parameters{shape.rows, shape.depth, request.options.beta}, packed);
}

PackStatus pack_add_f32(const PackRequest& request, Packed& packed, std::string& why) {
  if (!add_shape(request, why)) return PackStatus::kInvalid;
  return done(AddF32Parameters{range_of(request.options.activation)}, packed, {0, 1});
}

}  // namespace assay::engine::reference
