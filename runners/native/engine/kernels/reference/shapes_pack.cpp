#include "shapes_pack.h"

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

// Rank 4, batch 1, and the output size that padding and stride give.
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

bool refuse(std::string& why, const char* text) {
  if (why.empty()) why = text;
  return false;
}

bool weights_match(const PackRequest& request, int64_t out_c, int64_t weights, std::string& why) {
  const bool has_bias = request.inputs.size() > 2 && request.inputs[2];
  if (request.inputs[1]->elements() != weights || out_c < 1) {
    why = "the weights do not match the shapes of input and output";
    return false;
  }
  if (has_bias && request.inputs[2]->elements() != out_c) {
    why = "the bias has not one value per output channel";
    return false;
  }
  return true;
}

bool filter_of_rank_4(const PackRequest& request, std::string& why) {
  return request.inputs[1]->dims.size() == 4 || refuse(why, "the filter has not rank 4");
}

constexpr const char* kWrongChannels = "the filter does not match the channels of input and output";

// The reduced axes of MEAN as a bit mask, 0 when they are unusable.
uint32_t axes_of(const PackTensor& axes, int64_t rank) {
  uint32_t mask = 0;
  for (int64_t i = 0; i < axes.elements(); ++i) {
    int32_t axis = 0;
    std::memcpy(&axis, axes.data + i * 4, 4);
    if (axis < 0) axis += static_cast<int32_t>(rank);
    if (axis < 0 || axis >= rank) return 0;
    mask |= 1u << axis;
  }
  return mask;
}

}  // namespace

bool conv2d_shape(const PackRequest& request, Window& window, std::string& why) {
  if (!filter_of_rank_4(request, why)) return false;
  const auto& filter = request.inputs[1]->dims;
  if (!make_window(request, filter[1], filter[2], window, why)) return false;
  const int64_t taps = int64_t{window.filter_h} * window.filter_w * window.in_c;
  if (filter[0] != window.out_c || filter[3] != window.in_c) return refuse(why, kWrongChannels);
  return weights_match(request, window.out_c, taps * window.out_c, why);
}

bool depthwise_shape(const PackRequest& request, Window& window, std::string& why) {
  if (!filter_of_rank_4(request, why)) return false;
  const auto& filter = request.inputs[1]->dims;
  if (!make_window(request, filter[1], filter[2], window, why)) return false;
  if (window.out_c % window.in_c != 0 || filter[3] != window.out_c) return refuse(why, kWrongChannels);
  return weights_match(request, window.out_c, int64_t{window.filter_h} * window.filter_w * window.out_c, why);
}

bool fully_connected_shape(const PackRequest& request, Window& window, std::string& why) {
  const auto& filter = request.inputs[1]->dims;
  if (filter.size() != 2 || filter[0] < 1 || filter[0] > 32767 || filter[1] < 1 || filter[1] > 65535) {
    return refuse(why, "the weights have not rank 2 with sizes up to 32767 x 65535");
  }
  const int64_t out_c = filter[0], taps = filter[1];
  const int64_t rows = request.inputs[0]->elements() / taps;
  if (rows < 1 || rows > 65535 || request.inputs[0]->elements() != rows * taps ||
      request.output->elements() != rows * out_c) {
    return refuse(why, "the weights do not match the shapes of input and output");
  }
  const auto u16 = [](int64_t value) { return static_cast<uint16_t>(value); };
  window = {1, u16(rows), u16(taps), 1, u16(rows), u16(out_c), 1, 1, 1, 1, 1, 1, 0, 0};
  return weights_match(request, out_c, taps * out_c, why);
}

bool pool_shape(const PackRequest& request, Window& window, std::string& why) {
  if (!make_window(request, request.options.filter_h, request.options.filter_w, window, why)) return false;
  return window.in_c == window.out_c || refuse(why, "a pool keeps the number of channels");
}

bool mean_shape(const PackRequest& request, MeanShape& shape, std::string& why) {
  const PackTensor& in = *request.inputs[0];
  if (in.dims.size() != 4 || in.dims[0] != 1 || axes_of(*request.inputs[1], 4) != 0b0110) {
    return refuse(why, "MEAN is supported over height and width of an image with batch 1");
  }
  shape = {in.dims[1] * in.dims[2], in.dims[3]};
  if (request.output->elements() != shape.channels || shape.pixels < 1 || shape.pixels > (1 << 23)) {
    return refuse(why, "the output of MEAN has not one value per channel");
  }
  return true;
}

bool softmax_shape(const PackRequest& request, SoftmaxShape& shape, std::string& why) {
  const PackTensor& in = *request.inputs[0];
  const int64_t depth = in.dims.empty() ? 1 : in.dims.back();
  if (in.elements() != request.output->elements() || depth < 1 || depth > 4095) {
    return refuse(why, "SOFTMAX needs equal shapes and at most 4095 classes");
  }
  shape = {static_cast<uint32_t>(in.elements() / depth), static_cast<uint32_t>(depth)};
  return true;
}

bool add_shape(const PackRequest& request, std::string& why) {
  const int64_t size = request.output->elements();
  return (request.inputs[0]->elements() == size && request.inputs[1]->elements() == size) ||
         refuse(why, "ADD is supported for equal shapes, without broadcasting");
}

}  // namespace assay::engine::reference
