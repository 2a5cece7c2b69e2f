// Packers of the int8 layers with weights: convolution, depthwise convolution, fully connected.
#include "channel_pack.h"
#include "conv2d.h"
#include "depthwise_conv2d.h"
#include "reference_pack.h"
#include "shapes_pack.h"

namespace assay::engine::reference {
namespace {

// Groups of four channels, interleaved; weights of the model are [out_c][taps].
bool append_groups(const PackRequest& request, size_t out_c, size_t taps, Packed& packed, Conv2dParameters& p,
                   std::string& why) {
  const auto* from = reinterpret_cast<const int8_t*>(request.inputs[1]->data);
  const size_t padded = (out_c + 3) & ~size_t{3};
  std::vector<Channel> channels(padded, Channel{0, 0, 0});
  std::vector<int8_t> weights(padded * taps, 0);
  for (size_t c = 0; c < out_c; ++c) {
    if (!make_layer_channel(request, c, {from + c * taps, taps, 1}, channels[c], why)) return false;
    int8_t* group = weights.data() + (c / 4) * 4 * taps + c % 4;
    for (size_t t = 0; t < taps; ++t) group[t * 4] = from[c * taps + t];
  }
  p.range = make_range(request.options.activation, *request.output);
  p.input_zero_point = static_cast<int16_t>(request.inputs[0]->zero_point);
  packed.append(&p, sizeof p);
  p.channels = packed.append(channels.data(), channels.size() * sizeof(Channel));
  p.weights = packed.append(weights.data(), weights.size());
  std::memcpy(packed.parameters.data(), &p, sizeof p);
  packed.read_inputs = {0};
  return true;
}

}  // namespace

PackStatus pack_conv2d(const PackRequest& request, Packed& packed, std::string& why) {
  Conv2dParameters p{};
  if (!conv2d_shape(request, p.window, why)) return PackStatus::kInvalid;
  const Window& w = p.window;
  const size_t taps = size_t{w.filter_h} * w.filter_w * w.in_c;
  if (!append_groups(request, w.out_c, taps, packed, p, why)) return PackStatus::kInvalid;
  if (needs_patches(w)) packed.scratch_bytes = static_cast<uint32_t>(2 * taps);
  return PackStatus::kOk;
}

PackStatus pack_fully_connected(const PackRequest& request, Packed& packed, std::string& why) {
  Conv2dParameters p{};
  if (!fully_connected_shape(request, p.window, why)) return PackStatus::kInvalid;
  return append_groups(request, p.window.out_c, p.window.in_c, packed, p, why) ? PackStatus::kOk
                                                                               : PackStatus::kInvalid;
}

PackStatus pack_depthwise_conv2d(const PackRequest& request, Packed& packed, std::string& why) {
  DepthwiseParameters p{};
  if (!depthwise_shape(request, p.window, why)) return PackStatus::kInvalid;
  const Window& w = p.window;
  const size_t taps = size_t{w.filter_h} * w.filter_w;
  p.depth_multiplier = static_cast<uint16_t>(w.out_c / w.in_c);
  p.range = make_range(request.options.activation, *request.output);
  p.input_zero_point = static_cast<int16_t>(request.inputs[0]->zero_point);
  const auto* weights = reinterpret_cast<const int8_t*>(request.inputs[1]->data);
  std::vector<Channel> channels(w.out_c);
  for (size_t c = 0; c < channels.size(); ++c) {
    if (!make_layer_channel(request, c, {weights + c, taps, w.out_c}, channels[c], why)) {
      return PackStatus::kInvalid;
    }
  }
  packed.append(&p, sizeof p);
  p.channels = packed.append(channels.data(), channels.size() * sizeof(Channel));
  p.weights = packed.append(weights, taps * w.out_c);
  std::memcpy(packed.parameters.data(), &p, sizeof p);
  packed.scratch_bytes = static_cast<uint32_t>(taps * sizeof(int32_t) + w.in_c);
  packed.read_inputs = {0};
  return PackStatus::kOk;
}

}  // namespace assay::engine::reference
