#include "mean_f32.h"

#include "float32.h"

namespace assay::engine::reference {

bool check_mean_f32(const OpContext& op) {
  if (!op.holds(0, sizeof(MeanF32Parameters))) return false;
  const auto& p = *reinterpret_cast<const MeanF32Parameters*>(op.parameters());
  const PlanTensor& in = op.input_tensor(0);
  const PlanTensor& out = op.output_tensor();
  return is(in, Type::kFloat32) && is(out, Type::kFloat32) && p.channels < (1u << 29) &&
         in.bytes == uint64_t{p.pixels} * p.channels * sizeof(float) &&
         out.bytes == p.channels * sizeof(float);
}

void run_mean_f32(const OpContext& op) {
  const auto& p = *reinterpret_cast<const MeanF32Parameters*>(op.parameters());
  const auto* input = static_cast<const float*>(op.input(0));
  auto* out = static_cast<float*>(op.output());
  for (uint32_t c = 0; c < p.channels; ++c) {
    float sum = 0;
    const float* at = input + c;
    for (uint32_t i = 0; i < p.pixels; ++i, at += p.channels) sum += *at;
    out[c] = canonical(sum / static_cast<float>(p.pixels));
  }
}

}  // namespace assay::engine::reference
