#include "channel_pack.h"

namespace assay::engine::reference {
bool make_channel(double factor, int64_t bias, Channel& channel, std::string& why) {
  if (!std::isfinite(factor) || factor < 0) {
    why = "a scale is negative or not finite";
    return false;
  }
  const FixedFactor fixed = fixed_factor(factor);
  if (fixed.shift > kMaxShift) {
    why = "a requantisation factor is 2^30 or more";
    return false;
  }
  // Sums wrap at 32 bits on the device, and so does a bias with its zero point folded in: the total is the
  // same.
  channel = {static_cast<int32_t>(static_cast<uint64_t>(bias)), fixed.multiplier, fixed.shift};
  return true;
}

OutputRange make_range(Activation activation, const PackTensor& output) {
  const Int8Range range = activation_range(activation, output.scale, output.zero_point);
  return {static_cast<int16_t>(output.zero_point), static_cast<int16_t>(range.low),
          static_cast<int16_t>(range.high), 0};
}

bool make_layer_channel(const PackRequest& request, size_t c, const ChannelWeights& weights, Channel& channel,
                        std::string& why) {
  const PackTensor& in = *request.inputs[0];
  const PackTensor& filter = *request.inputs[1];
  int64_t bias = 0;
  if (request.inputs.size() > 2 && request.inputs[2]) {
    int32_t value = 0;
    std::memcpy(&value, request.inputs[2]->data + c * sizeof value, sizeof value);
    bias = value;
  }
  int64_t sum = 0;
  for (size_t i = 0; i < weights.count; ++i) sum += weights.first[i * weights.step];
  const double scale = filter.channel_scales ? filter.channel_scales[c] : filter.scale;
  const double product = static_cast<double>(in.scale) * scale;
  return make_channel(product / static_cast<double>(request.output->scale), bias - in.zero_point * sum,
                      channel, why);
}

}  // namespace assay::engine::reference
