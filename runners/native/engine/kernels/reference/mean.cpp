#include "mean.h"

namespace assay::engine::reference {

bool check_mean(const OpContext& op) {
  if (!op.holds(0, sizeof(MeanParameters))) return false;
  const auto& p = *reinterpret_cast<const MeanParameters*>(op.parameters());
  const PlanTensor& in = op.input_tensor(0);
  const PlanTensor& out = op.output_tensor();
  return in.type == 1 && out.type == 1 && in.bytes == uint64_t{p.pixels} * p.channels &&
         out.bytes == p.channels && sound(p.channel) && sound(p.range);
}

void run_mean(const OpContext& op) {
  const auto& p = *reinterpret_cast<const MeanParameters*>(op.parameters());
  const auto* input = static_cast<const int8_t*>(op.input(0));
  auto* out = static_cast<int8_t*>(op.output());
  for (uint32_t c = 0; c < p.channels; ++c) {
    int32_t sum = p.channel.bias;
    const int8_t* at = input + c;
    for (uint32_t i = 0; i < p.pixels; ++i, at += p.channels) sum += *at;
    out[c] = to_int8(sum, p.channel, p.range);
  }
}

}  // namespace assay::engine::reference
