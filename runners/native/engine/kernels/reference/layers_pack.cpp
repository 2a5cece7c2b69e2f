// Packers of the layers with weights: convolution, depthwise convolution, fully connected.
#include "channel_pack.h"
#include "conv2d.h"
#include "depthwise_conv2d.h"
#include "reference_pack.h"

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
  packed.append(&p, sizeof p);
  p.channels = packed.append(channels.data(), channels.size() * sizeof(Channel));
  p.weights = packed.append(weights.data(), weights.size());
  std::memcpy(packed.parameters.data(), &p, sizeof p);
  packed.read_inputs = {0};
  return true;
}

bool weights_match(const PackRequest& request, int64_t out_c, int64_t weights, std::string& why) {
  const bool has_bias = request.inputs.size() > 2 && request.inputs[2];
  if (request.inputs[1]->elements() != weights || out_c < 1) {
    why = "the weights do not match the shapes of input and output";
    return false;
  }
  if (has_bias && request.inputs[2]->elements() != out_c) {
    why = "the bias has not one value per output channel";
    return false;
  }
  return true;
}

}  // namespace

PackStatus pack_conv2d(const PackRequest& request, Packed& packed, std::string& why) {
  const auto& filter = request.inputs[1]->dims;
  Conv2dParameters p{};
  if (filter.size() != 4) {
    why = "the filter has not rank 4";
    return PackStatus::kInvalid;
  }
  if (!make_window(request, filter[1], filter[2], p.window, why)) return PackStatus::kInvalid;
  const Window& w = p.window;
  const int64_t taps = int64_t{w.filter_h} * w.filter_w * w.in_c;
  if (filter[0] != w.out_c || filter[3] != w.in_c || !weights_match(request, w.out_c, taps * w.out_c, why)) {
    if (why.empty()) why = "the filter does not match the channels of input and output";
    return PackStatus::kInvalid;
  }
  p.range = make_range(request.options.activation, *request.output);
  p.input_zero_point = static_cast<int16_t>(request.inputs[0]->zero_point);
  if (!append_groups(request, w.out_c, static_cast<size_t>(taps), packed, p, why))
    return PackStatus::kInvalid;
  if (needs_patches(w)) packed.scratch_bytes = static_cast<uint32_t>(2 * taps);
  return PackStatus::kOk;
}

PackStatus pack_fully_connected(const PackRequest& request, Packed& packed, std::string& why) {
  const auto& filter = request.inputs[1]->dims;
  if (filter.size() != 2 || filter[0] < 1 || filter[0] > 32767 || filter[1] < 1 || filter[1] > 65535) {
    why = "the weights have not rank 2 with sizes up to 32767 x 65535";
    return PackStatus::kInvalid;
  }
  const int64_t out_c = filter[0], taps = filter[1];
  const int64_t rows = request.inputs[0]->elements() / taps;
  if (rows < 1 || rows > 65535 || request.inputs[0]->elements() != rows * taps ||
      request.output->elements() != rows * out_c || !weights_match(request, out_c, taps * out_c, why)) {
    if (why.empty()) why = "the weights do not match the shapes of input and output";
    return PackStatus::kInvalid;
  }
  Conv2dParameters p{};
  const auto u16 = [](int64_t value) { return static_cast<uint16_t>(value); };
  p.window = {1, u16(rows), u16(taps), 1, u16(rows), u16(out_c), 1, 1, 1, 1, 1, 1, 0, 0};
  p.range = make_range(request.options.activation, *request.output);
  p.input_zero_point = static_cast<int16_t>(request.inputs[0]->zero_point);
  return append_groups(request, static_cast<size_t>(out_c), static_cast<size_t>(taps), packed, p, why)
             ? PackStatus::kOk
             : PackStatus::kInvalid;
}

PackStatus pack_depthwise_conv2d(const PackRequest& request, Packed& packed, std::string& why) {
  const auto& filter = request.inputs[1]->dims;
  DepthwiseParameters p{};
  if (filter.size() != 4) {
    why = "the filter has not rank 4";
    return PackStatus::kInvalid;
  }
  if (!make_window(request, filter[1], filter[2], p.window, why)) return PackStatus::kInvalid;
  const Window& w = p.window;
  const size_t taps = size_t{w.filter_h} * w.filter_w;
  if (w.out_c % w.in_c != 0 || filter[3] != w.out_c ||
      !weights_match(request, w.out_c, static_cast<int64_t>(taps) * w.out_c, why)) {
    if (why.empty()) why = "the filter does not match the channels of input and output";
    return PackStatus::kInvalid;
  }
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
