#include "add.h"

namespace assay::engine::reference {
namespace {

int32_t at_common_scale(int32_t q, const Channel& input) {
  const auto wide = static_cast<uint32_t>(q + input.bias) << kAddLeftShift;
  return requantize(static_cast<int32_t>(wide), input.multiplier, input.shift);
}

}  // namespace

bool check_add(const OpContext& op) {
  if (!op.holds(0, sizeof(AddParameters))) return false;
  const auto& p = *reinterpret_cast<const AddParameters*>(op.parameters());
  const PlanTensor& out = op.output_tensor();
  return out.type == 1 && op.input_tensor(0).type == 1 && op.input_tensor(1).type == 1 &&
         op.input_tensor(0).bytes == out.bytes && op.input_tensor(1).bytes == out.bytes &&
         sound(p.inputs, 2) && sound(p.sum) && sound(p.range);
}

void run_add(const OpContext& op) {
  const auto& p = *reinterpret_cast<const AddParameters*>(op.parameters());
  const auto* a = static_cast<const int8_t*>(op.input(0));
  const auto* b = static_cast<const int8_t*>(op.input(1));
  auto* out = static_cast<int8_t*>(op.output());
  for (uint32_t i = 0, n = op.output_tensor().bytes; i < n; ++i) {
    out[i] = to_int8(at_common_scale(a[i], p.inputs[0]) + at_common_scale(b[i], p.inputs[1]), p.sum, p.range);
  }
}

}  // namespace assay::engine::reference
