#include "channel_pack.h"

#include <algorithm>

namespace assay::engine::reference {
namespace {

struct Axis {
  int64_t in, out, filter, stride, dilation;
};

// The rows above (columns left of) the image, or -1 when the output size is not what padding and stride give.
int64_t padding_before(const Axis& axis, Padding padding) {
  const int64_t extent = (axis.filter - 1) * axis.dilation + 1;
  const int64_t covered = padding == Padding::kSame ? axis.in : axis.in - extent + 1;
  if (covered <= 0 || axis.out != (covered + axis.stride - 1) / axis.stride) return -1;
  if (padding == Padding::kValid) return 0;
  return std::max<int64_t>((axis.out - 1) * axis.stride + extent - axis.in, 0) / 2;
}

}  // namespace

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

bool make_window(const PackRequest& request, int64_t filter_h, int64_t filter_w, Window& window,
                 std::string& why) {
  const auto& in = request.inputs[0]->dims;
  const auto& out = request.output->dims;
  const OpOptions& o = request.options;
  if (in.size() != 4 || out.size() != 4 || in[0] != 1 || out[0] != 1) {
    why = "input and output must be images with batch 1 (rank 4)";
    return false;
  }
  const int64_t sizes[] = {in[1],    in[2],    in[3],      out[1],     out[2],       out[3],
                           filter_h, filter_w, o.stride_h, o.stride_w, o.dilation_h, o.dilation_w};
  for (int64_t size : sizes) {
    if (size < 1 || size > 32767) {
      why = "a size, stride or dilation is " + std::to_string(size) + ", outside 1..32767";
      return false;
    }
  }
  const int64_t pad_h = padding_before({in[1], out[1], filter_h, o.stride_h, o.dilation_h}, o.padding);
  const int64_t pad_w = padding_before({in[2], out[2], filter_w, o.stride_w, o.dilation_w}, o.padding);
  if (pad_h < 0 || pad_w < 0 || pad_h > 32767 || pad_w > 32767) {
    why = "the output size is not what padding, filter and stride give";
    return false;
  }
  const auto u16 = [](int64_t value) { return static_cast<uint16_t>(value); };
  window = {u16(in[1]),
            u16(in[2]),
            u16(in[3]),
            u16(out[1]),
            u16(out[2]),
            u16(out[3]),
            u16(filter_h),
            u16(filter_w),
            u16(o.stride_h),
            u16(o.stride_w),
            u16(o.dilation_h),
            u16(o.dilation_w),
            static_cast<int16_t>(pad_h),
            static_cast<int16_t>(pad_w)};
  return true;
}

}  // namespace assay::engine::reference
