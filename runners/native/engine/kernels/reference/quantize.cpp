#include "quantize.h"

namespace assay::engine::reference {
namespace {

// Nearest, ties away from zero, saturated; a NaN becomes the zero point.
int8_t quantized(float x, const QuantizeParameters& p) {
  const float scaled = x / p.scale;
  int32_t rounded = 0;
  if (scaled >= 1024) {
    rounded = 1024;
  } else if (scaled <= -1024) {
    rounded = -1024;
  } else if (scaled == scaled) {
    rounded = static_cast<int32_t>(scaled);
    const float rest = scaled - static_cast<float>(rounded);  // exact: |scaled| < 2^10
    if (rest >= 0.5f) ++rounded;
    if (rest <= -0.5f) --rounded;
  }
  return static_cast<int8_t>(clamp(rounded + p.zero_point, -128, 127));
}

const QuantizeParameters& parameters_of(const OpContext& op) {
  return *reinterpret_cast<const QuantizeParameters*>(op.parameters());
}

bool sound_parameters(const OpContext& op) {
  if (!op.holds(0, sizeof(QuantizeParameters))) return false;
  const QuantizeParameters& p = parameters_of(op);
  return sound(p.channel) && sound(p.range) && p.scale > 0 && p.zero_point >= -128 && p.zero_point <= 127;
}

}  // namespace

bool check_quantize(const OpContext& op) {
  const PlanTensor& in = op.input_tensor(0);
  const PlanTensor& out = op.output_tensor();
  const uint64_t element = in.type == 0 ? 4 : 1;
  return (in.type == 0 || in.type == 1) && out.type == 1 && in.bytes == out.bytes * element &&
         sound_parameters(op);
}

void run_quantize(const OpContext& op) {
  const QuantizeParameters& p = parameters_of(op);
  auto* out = static_cast<int8_t*>(op.output());
  const uint32_t count = op.output_tensor().bytes;
  if (op.input_tensor(0).type == 0) {
    const auto* in = static_cast<const float*>(op.input(0));
    for (uint32_t i = 0; i < count; ++i) out[i] = quantized(in[i], p);
    return;
  }
  const auto* in = static_cast<const int8_t*>(op.input(0));
  for (uint32_t i = 0; i < count; ++i) out[i] = to_int8(in[i] + p.channel.bias, p.channel, p.range);
}

bool check_dequantize(const OpContext& op) {
  const PlanTensor& in = op.input_tensor(0);
  const PlanTensor& out = op.output_tensor();
  return in.type == 1 && out.type == 0 && out.bytes == uint64_t{in.bytes} * 4 && sound_parameters(op);
}

void run_dequantize(const OpContext& op) {
  const QuantizeParameters& p = parameters_of(op);
  const auto* in = static_cast<const int8_t*>(op.input(0));
  auto* out = static_cast<float*>(op.output());
  for (uint32_t i = 0, n = op.input_tensor(0).bytes; i < n; ++i) {
    out[i] = static_cast<float>(in[i] - p.zero_point) * p.scale;
  }
}

}  // namespace assay::engine::reference
