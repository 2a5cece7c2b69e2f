// Per-channel constants of int8 layers, as several packers of this set write them. Host only.
#pragma once

#include <string>

#include "../pack.h"
#include "../scale.h"
#include "channel.h"

namespace assay::engine::reference {

// false and `why` when a factor does not fit requantize().
bool make_channel(double factor, int64_t bias, Channel& channel, std::string& why);
OutputRange make_range(Activation activation, const PackTensor& output);

// One output channel's weights, `step` bytes apart.
struct ChannelWeights {
  const int8_t* first;
  size_t count;
  size_t step;
};
// Channel `c` of a layer: effective factor input * weight / output scale, zero point folded into the bias.
bool make_layer_channel(const PackRequest& request, size_t c, const ChannelWeights& weights, Channel& channel,
                        std::string& why);

}  // namespace assay::engine::reference
