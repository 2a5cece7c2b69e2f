#include "softmax_f32.h"

#include <float.h>

#include "float32.h"

namespace assay::engine::reference {
namespace {

void softmax_row(const float* in, float* out, uint32_t depth, float beta) {
  float largest = -FLT_MAX;
  for (uint32_t i = 0; i < depth; ++i) {
    if (in[i] > largest) largest = in[i];
  }
  float sum = 0;
  for (uint32_t i = 0; i < depth; ++i) {
    out[i] = exp_of_negative((in[i] - largest) * beta);
    sum += out[i];
  }
  for (uint32_t i = 0; i < depth; ++i) out[i] = canonical(out[i] / sum);
}

}  // namespace

bool check_softmax_f32(const OpContext& op) {
  if (!op.holds(0, sizeof(SoftmaxF32Parameters))) return false;
  const auto& p = *reinterpret_cast<const SoftmaxF32Parameters*>(op.parameters());
  const PlanTensor& in = op.input_tensor(0);
  return is(in, Type::kFloat32) && is(op.output_tensor(), Type::kFloat32) &&
         op.output_tensor().bytes == in.bytes && p.depth >= 1 && p.depth < (1u << 29) &&
         in.bytes == uint64_t{p.rows} * p.depth * sizeof(float) && p.beta >= 0;
}

void run_softmax_f32(const OpContext& op) {
  const auto& p = *reinterpret_cast<const SoftmaxF32Parameters*>(op.parameters());
  const auto* in = static_cast<const float*>(op.input(0));
  auto* out = static_cast<float*>(op.output());
  for (uint32_t row = 0; row < p.rows; ++row, in += p.depth, out += p.depth)
    softmax_row(in, out, p.depth, p.beta);
}

}  // namespace assay::engine::reference
