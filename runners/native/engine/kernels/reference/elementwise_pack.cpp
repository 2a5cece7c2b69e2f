// Packers of the int8 operators without weights.
#include <algorithm>

#include "add.h"
#include "channel_pack.h"
#include "mean.h"
#include "pool2d.h"
#include "quantize.h"
#include "reference_pack.h"
#include "shapes_pack.h"
#include "softmax.h"

namespace assay::engine::reference {
namespace {

template <class Parameters>
PackStatus done(const Parameters& p, Packed& packed, std::vector<uint8_t> read_inputs = {0}) {
  packed.append(&p, sizeof p);
  packed.read_inputs = std::move(read_inputs);
  return PackStatus::kOk;
}

PackStatus invalid(std::string& why, const char* text) {
  if (why.empty()) why = text;
  return PackStatus::kInvalid;
}

bool same_quantisation(const PackTensor& a, const PackTensor& b) {
  return a.scale == b.scale && a.zero_point == b.zero_point;
}

}  // namespace

PackStatus pack_pool2d(const PackRequest& request, Packed& packed, std::string& why) {
  PoolParameters p{};
  if (!pool_shape(request, p.window, why)) return PackStatus::kInvalid;
  if (!same_quantisation(*request.inputs[0], *request.output)) {
    return invalid(why, "input and output of a pool must have one scale and zero point");
  }
  p.range = make_range(request.options.activation, *request.output);
  return done(p, packed);
}

PackStatus pack_mean(const PackRequest& request, Packed& packed, std::string& why) {
  const PackTensor& in = *request.inputs[0];
  MeanShape shape;
  if (!mean_shape(request, shape, why)) return PackStatus::kInvalid;
  const int64_t pixels = shape.pixels;
  MeanParameters p{static_cast<uint32_t>(pixels), static_cast<uint32_t>(shape.channels), {}, {}};
  if (!make_channel(static_cast<double>(in.scale) / static_cast<double>(request.output->scale),
                    -in.zero_point * pixels, p.channel, why)) {
    return PackStatus::kInvalid;
  }
  // 1 / pixels joins the multiplier with as many more bits as fit.
  int32_t bits = 63 - __builtin_clzll(static_cast<uint64_t>(pixels));
  bits = std::min({bits, 32, 31 + p.channel.shift});
  p.channel.multiplier = static_cast<int32_t>((int64_t{p.channel.multiplier} << bits) / pixels);
  p.channel.shift -= bits;
  if (p.channel.shift < kMinShift) return invalid(why, "the output scale of MEAN is too coarse");
  p.range = make_range(Activation::kNone, *request.output);
  return done(p, packed);
}

PackStatus pack_reshape(const PackRequest& request, Packed& packed, std::string& why) {
  if (request.inputs[0]->elements() != request.output->elements()) {
    return invalid(why, "RESHAPE changes the number of elements");
  }
  packed.read_inputs = {0};
  return PackStatus::kOk;
}

PackStatus pack_softmax(const PackRequest& request, Packed& packed, std::string& why) {
  const PackTensor& in = *request.inputs[0];
  SoftmaxShape shape;
  if (!softmax_shape(request, shape, why)) return PackStatus::kInvalid;
  if (request.output->scale != 1.0f / 256 || request.output->zero_point != -128) {
    return invalid(why, "the output of int8 SOFTMAX must have scale 1/256 and zero point -128");
  }
  constexpr int kIntegerBits = 5;
  const double factor = static_cast<double>(request.options.beta) * in.scale * (1 << (31 - kIntegerBits));
  if (!(factor >= 0)) return invalid(why, "beta is negative or not a number");
  const FixedFactor fixed = fixed_factor(std::min(factor, static_cast<double>((int64_t{1} << 31) - 1)));
  if (factor <= 1.0 || fixed.shift < 0 || fixed.shift > kMaxShift + 1) {
    return invalid(why, "beta times the input scale is too small");
  }
  SoftmaxParameters p{shape.rows, shape.depth, fixed.multiplier, fixed.shift, 0};
  const double radius = static_cast<double>((1 << kIntegerBits) - 1) *
                        static_cast<double>(int64_t{1} << (31 - kIntegerBits)) /
                        static_cast<double>(int64_t{1} << fixed.shift);
  p.smallest = -static_cast<int32_t>(std::floor(radius));
  if (p.shift > kMaxShift) {  // only difference 0 remains, and 0 times anything is 0
    p.shift = 0;
    p.smallest = 0;
  }
  return done(p, packed);
}

PackStatus pack_add(const PackRequest& request, Packed& packed, std::string& why) {
  const PackTensor& a = *request.inputs[0];
  const PackTensor& b = *request.inputs[1];
  if (!add_shape(request, why)) return PackStatus::kInvalid;
  AddParameters p{};
  const double twice_largest = 2 * static_cast<double>(std::max(a.scale, b.scale));
  const double sum_factor = twice_largest / (static_cast<double>(1 << kAddLeftShift) * request.output->scale);
  if (!make_channel(a.scale / twice_largest, -a.zero_point, p.inputs[0], why) ||
      !make_channel(b.scale / twice_largest, -b.zero_point, p.inputs[1], why) ||
      !make_channel(sum_factor, 0, p.sum, why)) {
    return PackStatus::kInvalid;
  }
  p.range = make_range(request.options.activation, *request.output);
  return done(p, packed, {0, 1});
}

PackStatus pack_quantize(const PackRequest& request, Packed& packed, std::string& why) {
  const PackTensor& in = *request.inputs[0];
  if (in.elements() != request.output->elements()) return invalid(why, "QUANTIZE keeps the shape");
  QuantizeParameters p{
      {}, make_range(Activation::kNone, *request.output), request.output->scale, request.output->zero_point};
  if (in.type == Type::kInt8 &&
      !make_channel(static_cast<double>(in.scale) / request.output->scale, -in.zero_point, p.channel, why)) {
    return PackStatus::kInvalid;
  }
  return done(p, packed);
}

PackStatus pack_dequantize(const PackRequest& request, Packed& packed, std::string& why) {
  const PackTensor& in = *request.inputs[0];
  if (in.elements() != request.output->elements()) return invalid(why, "DEQUANTIZE keeps the shape");
  return done(QuantizeParameters{{}, {0, -128, 127, 0}, in.scale, in.zero_point}, packed);
}

}  // namespace assay::engine::reference
