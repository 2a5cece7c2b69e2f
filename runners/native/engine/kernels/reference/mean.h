// MEAN int8 over height and width: [pixels][channels] -> [channels]. The division by the number of pixels is
// part of the multiplier, as the published integer specification of MEAN has it.
#pragma once

#include "channel.h"
#include "window.h"

namespace assay::engine::reference {

struct MeanParameters {
  uint32_t pixels;
  uint32_t channels;
  Channel channel;  // bias = -input zero point * pixels
  OutputRange range;
};

bool check_mean(const OpContext& op);
void run_mean(const OpContext& op);

}  // namespace assay::engine::reference
