#include "add_f32.h"

namespace assay::engine::reference {

bool check_add_f32(const OpContext& op) {
  const PlanTensor& out = op.output_tensor();
  const auto same = [&](const PlanTensor& in) { return is(in, Type::kFloat32) && in.bytes == out.bytes; };
  return op.holds(0, sizeof(AddF32Parameters)) && is(out, Type::kFloat32) && same(op.input_tensor(0)) &&
         same(op.input_tensor(1));
}

void run_add_f32(const OpContext& op) {
  const auto& p = *reinterpret_cast<const AddF32Parameters*>(op.parameters());
  const auto* a = static_cast<const float*>(op.input(0));
  const auto* b = static_cast<const float*>(op.input(1));
  auto* out = static_cast<float*>(op.output());
  for (uint32_t i = 0, n = op.output_tensor().bytes / sizeof(float); i < n; ++i)
    out[i] = to_range(a[i] + b[i], p.range);
}

}  // namespace assay::engine::reference
