// Every kernel against a straightforward loop over NHWC, written here from the published formulas, on random
// shapes, strides, paddings, scales and data: equal element by element.
#include <rapidcheck.h>

#include <cmath>
#include <random>

#include "catch.h"
#include "model/host_plan.h"
#include "model/planner.h"

namespace assay::model {
namespace {

using engine::Activation;
using engine::OpCode;
using engine::Padding;

// gemmlowp's two roundings, by division instead of shifts.
struct TwinFactor {
  int64_t m = 0;
  int shift = 0;
};
TwinFactor twin_factor(double factor) {
  TwinFactor f;
  if (factor == 0) return f;
  f.m = static_cast<int64_t>(std::round(std::frexp(factor, &f.shift) * 2147483648.0));
  if (f.m == 2147483648LL) f.m /= 2, ++f.shift;
  return f.shift < -31 ? TwinFactor{} : f;
}

int32_t twin_requantize(int32_t x, TwinFactor f) {
  const int64_t left = f.shift > 0 ? int64_t{x} << f.shift : x;
  const int64_t product = left * f.m;
  const int64_t nudge = product >= 0 ? (1LL << 30) : 1 - (1LL << 30);
  const int64_t high = (product + nudge) / (1LL << 31);
  if (f.shift >= 0) return static_cast<int32_t>(high);
  const int64_t divisor = int64_t{1} << -f.shift;
  const int64_t magnitude = (std::abs(high) + divisor / 2) / divisor;
  return static_cast<int32_t>(high < 0 ? -magnitude : magnitude);
}
int32_t twin_requantize(int32_t x, double factor) { return twin_requantize(x, twin_factor(factor)); }

struct Range {
  int low = -128, high = 127;
};
Range twin_range(Activation activation, const TensorInfo& out) {
  const auto q = [&](float real) {
    return static_cast<int>(out.zero_point) +
           static_cast<int>(std::round(real / static_cast<float>(out.scale)));
  };
  Range r;
  if (activation == Activation::kRelu || activation == Activation::kRelu6) r.low = std::max(-128, q(0));
  if (activation == Activation::kReluN1To1) r.low = std::max(-128, q(-1));
  if (activation == Activation::kRelu6) r.high = std::min(127, q(6));
  if (activation == Activation::kReluN1To1) r.high = std::min(127, q(1));
  return r;
}
int8_t clamped(int64_t x, Range r) {
  return static_cast<int8_t>(std::min<int64_t>(std::max<int64_t>(x, r.low), r.high));
}

struct Random {
  std::mt19937 engine;
  int in(int low, int high) {
    return low + static_cast<int>(engine() % static_cast<uint32_t>(high - low + 1));
  }
  float scale(float low, float high) {
    return low + (high - low) * static_cast<float>(engine() % 10000) / 10000.0f;
  }
  std::vector<uint8_t> bytes(size_t count, int8_t low = -128) {
    std::vector<uint8_t> data(count);
    for (auto& byte : data) byte = static_cast<uint8_t>(in(low, 127));
    return data;
  }
};

Tensor int8_tensor(std::vector<int64_t> dims, float scale, int zero_point) {
  Tensor t;
  t.info = {"t", ElementType::kInt8, std::move(dims), scale, zero_point};
  return t;
}
int8_t at(const std::vector<uint8_t>& data, int64_t index) {
  return static_cast<int8_t>(data[static_cast<size_t>(index)]);
}

// One operator with weights: tensors 0 input, 1 weights, 2 bias, 3 output.
struct Layer {
  Graph graph;
  int64_t in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, stride_h, stride_w, dil_h, dil_w, pad_h = 0,
                                                                                             pad_w = 0;

  Op& op() { return graph.ops[0]; }
  const TensorInfo& in() const { return graph.tensors[0].info; }
  const TensorInfo& out() const { return graph.tensors[3].info; }
  double factor(int64_t c) const {
    const Tensor& w = graph.tensors[1];
    const double s = w.channel_scales.empty() ? w.info.scale
                                              : static_cast<double>(w.channel_scales[static_cast<size_t>(c)]);
    return in().scale * s / out().scale;
  }
  int32_t bias(int64_t c) const {
    int32_t b = 0;
    std::memcpy(&b, graph.tensors[2].data.data() + c * 4, 4);
    return b;
  }
};

void add_bias(Layer& layer, Random& random) {
  Tensor bias;
  bias.info = {"bias", ElementType::kInt32, {layer.out_c}, 0, 0};
  bias.constant = true;
  for (int64_t c = 0; c < layer.out_c; ++c) {
    const int32_t value = random.in(-3000, 3000);
    const auto* raw = reinterpret_cast<const uint8_t*>(&value);
    bias.data.insert(bias.data.end(), raw, raw + 4);
  }
  layer.graph.tensors.push_back(std::move(bias));
}

void size_output(int64_t in, int64_t k, int64_t stride, int64_t dilation, Padding padding, int64_t& out,
                 int64_t& pad) {
  const int64_t extent = (k - 1) * dilation + 1;
  out = padding == Padding::kSame ? (in + stride - 1) / stride : (in - extent) / stride + 1;
  pad = padding == Padding::kSame ? std::max<int64_t>((out - 1) * stride + extent - in, 0) / 2 : 0;
}

Layer random_convolution(Random& random, bool depthwise) {
  Layer l;
  l.k_h = random.in(1, 5), l.k_w = random.in(1, 4);
  l.dil_h = random.in(1, 4) == 1 ? 2 : 1, l.dil_w = random.in(1, 4) == 1 ? 3 : 1;
  l.stride_h = random.in(1, 3), l.stride_w = random.in(1, 3);
  if (random.in(0, 3) == 0) l.k_h = l.k_w = l.stride_h = l.stride_w = 1;
  const auto padding = random.in(0, 1) ? Padding::kSame : Padding::kValid;
  const int64_t least_h = padding == Padding::kValid ? (l.k_h - 1) * l.dil_h + 1 : 1;
  const int64_t least_w = padding == Padding::kValid ? (l.k_w - 1) * l.dil_w + 1 : 1;
  l.in_h = least_h + random.in(0, 7), l.in_w = least_w + random.in(0, 5), l.in_c = random.in(1, 9);
  const int multiplier = random.in(1, 3);
  l.out_c = depthwise ? l.in_c * multiplier : random.in(1, 11);
  size_output(l.in_h, l.k_h, l.stride_h, l.dil_h, padding, l.out_h, l.pad_h);
  size_output(l.in_w, l.k_w, l.stride_w, l.dil_w, padding, l.out_w, l.pad_w);

  l.graph.tensors.push_back(
      int8_tensor({1, l.in_h, l.in_w, l.in_c}, random.scale(0.01f, 0.1f), random.in(-128, 127)));
  Tensor filter = depthwise ? int8_tensor({1, l.k_h, l.k_w, l.out_c}, 0.01f, 0)
                            : int8_tensor({l.out_c, l.k_h, l.k_w, l.in_c}, 0.01f, 0);
  filter.constant = true;
  filter.data = random.bytes(filter.info.bytes(), -127);
  if (random.in(0, 2)) {
    for (int64_t c = 0; c < l.out_c; ++c) filter.channel_scales.push_back(random.scale(0.0001f, 0.02f));
  }
  l.graph.tensors.push_back(std::move(filter));
  add_bias(l, random);
  l.graph.tensors.push_back(
      int8_tensor({1, l.out_h, l.out_w, l.out_c}, random.scale(0.005f, 0.2f), random.in(-128, 127)));
  Op op{depthwise ? OpCode::kDepthwiseConv2d : OpCode::kConv2d, "LAYER", {}, {0, 1, 2}, 3};
  op.options = {padding,
                static_cast<Activation>(random.in(0, 3)),
                static_cast<int32_t>(l.stride_h),
                static_cast<int32_t>(l.stride_w),
                static_cast<int32_t>(l.dil_h),
                static_cast<int32_t>(l.dil_w),
                1,
                1,
                multiplier,
                1};
  l.graph.ops.push_back(std::move(op));
  l.graph.inputs = {0};
  l.graph.outputs = {3};
  return l;
}

std::vector<uint8_t> twin_convolution(const Layer& l, const std::vector<uint8_t>& input, bool depthwise) {
  const auto& weights = l.graph.tensors[1].data;
  const Range range = twin_range(l.graph.ops[0].options.activation, l.out());
  std::vector<uint8_t> output;
  for (int64_t oy = 0; oy < l.out_h; ++oy)
    for (int64_t ox = 0; ox < l.out_w; ++ox)
      for (int64_t oc = 0; oc < l.out_c; ++oc) {
        int64_t sum = l.bias(oc);
        for (int64_t ky = 0; ky < l.k_h; ++ky)
          for (int64_t kx = 0; kx < l.k_w; ++kx) {
            const int64_t y = oy * l.stride_h - l.pad_h + ky * l.dil_h,
                          x = ox * l.stride_w - l.pad_w + kx * l.dil_w;
            if (y < 0 || y >= l.in_h || x < 0 || x >= l.in_w) continue;
            const int64_t first = depthwise ? oc / (l.out_c / l.in_c) : 0,
                          last = depthwise ? first + 1 : l.in_c;
            for (int64_t ic = first; ic < last; ++ic) {
              const int64_t w = depthwise ? (ky * l.k_w + kx) * l.out_c + oc
                                          : ((oc * l.k_h + ky) * l.k_w + kx) * l.in_c + ic;
              sum += (at(input, (y * l.in_w + x) * l.in_c + ic) - l.in().zero_point) * at(weights, w);
            }
          }
        const int64_t scaled = twin_requantize(static_cast<int32_t>(sum), l.factor(oc)) + l.out().zero_point;
        output.push_back(static_cast<uint8_t>(clamped(scaled, range)));
      }
  return output;
}

std::vector<uint8_t> run(const Graph& graph, const std::vector<uint8_t>& input) {
  const auto plan = make_plan(graph, {}, std::string(64, '0'));
  if (!plan) throw std::runtime_error(plan.error().text());
  auto host = HostPlan::open(plan->bytes);
  if (!host) throw std::runtime_error(host.error().text());
  const auto output = host->run(input);
  if (!output) throw std::runtime_error(output.error().text());
  return *output;
}

// A pool or MEAN: tensors 0 input, 1 output (2 axes).
Graph unary(OpCode code, Tensor in, Tensor out, engine::OpOptions options) {
  Graph g;
  g.tensors = {std::move(in), std::move(out)};
  g.ops.push_back({code, "UNARY", options, {0}, 1});
  g.inputs = {0};
  g.outputs = {1};
  return g;
}

}  // namespace

TEST_CASE("CONV_2D equals its twin") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const Layer layer = random_convolution(random, false);
    const auto input = random.bytes(layer.in().bytes());
    RC_ASSERT(run(layer.graph, input) == twin_convolution(layer, input, false));
  }));
}

TEST_CASE("DEPTHWISE_CONV_2D equals its twin") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const Layer layer = random_convolution(random, true);
    const auto input = random.bytes(layer.in().bytes());
    RC_ASSERT(run(layer.graph, input) == twin_convolution(layer, input, true));
  }));
}

TEST_CASE("FULLY_CONNECTED equals a 1x1 convolution's twin over its rows") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    Layer l = random_convolution(random, false);
    l.k_h = l.k_w = l.stride_h = l.stride_w = l.dil_h = l.dil_w = 1;
    l.pad_h = l.pad_w = 0;
    l.in_h = l.out_h = 1, l.in_w = l.out_w = random.in(1, 4);
    auto& t = l.graph.tensors;
    t[0].info.dims = {l.in_w, l.in_c};
    t[1].info.dims = {l.out_c, l.in_c};
    t[1].data = random.bytes(t[1].info.bytes(), -127);
    t[3].info.dims = {l.in_w, l.out_c};
    l.op().code = OpCode::kFullyConnected;
    const auto input = random.bytes(l.in().bytes());
    RC_ASSERT(run(l.graph, input) == twin_convolution(l, input, false));
  }));
}

TEST_CASE("AVERAGE_POOL_2D and MAX_POOL_2D equal their twins") {
  CHECK(rc::check([](uint32_t seed, bool average) {
    Random random{std::mt19937(seed)};
    const auto padding = random.in(0, 1) ? Padding::kSame : Padding::kValid;
    const int k_h = random.in(1, 4), k_w = random.in(1, 4), s_h = random.in(1, 3), s_w = random.in(1, 3);
    const int64_t h = k_h + random.in(0, 5), w = k_w + random.in(0, 5), c = random.in(1, 5);
    int64_t out_h, out_w, pad_h, pad_w;
    size_output(h, k_h, s_h, 1, padding, out_h, pad_h);
    size_output(w, k_w, s_w, 1, padding, out_w, pad_w);
    const Tensor in = int8_tensor({1, h, w, c}, 0.05f, random.in(-128, 127));
    Tensor out = in;
    out.info.dims = {1, out_h, out_w, c};
    const auto activation = static_cast<Activation>(random.in(0, 3));
    const Graph graph = unary(average ? OpCode::kAveragePool2d : OpCode::kMaxPool2d, in, out,
                              {padding, activation, s_h, s_w, 1, 1, k_h, k_w, 1, 1});
    const auto input = random.bytes(in.info.bytes());
    std::vector<uint8_t> expected;
    for (int64_t oy = 0; oy < out_h; ++oy)
      for (int64_t ox = 0; ox < out_w; ++ox)
        for (int64_t ch = 0; ch < c; ++ch) {
          int sum = 0, count = 0, largest = -128;
          for (int64_t y = oy * s_h - pad_h; y < oy * s_h - pad_h + k_h; ++y)
            for (int64_t x = ox * s_w - pad_w; x < ox * s_w - pad_w + k_w; ++x) {
              if (y < 0 || y >= h || x < 0 || x >= w) continue;
              const int q = at(input, (y * w + x) * c + ch);
              sum += q, ++count, largest = std::max(largest, q);
            }
          const int mean = sum > 0 ? (sum + count / 2) / count : -((-sum + count / 2) / count);
          expected.push_back(
              static_cast<uint8_t>(clamped(average ? mean : largest, twin_range(activation, out.info))));
        }
    RC_ASSERT(run(graph, input) == expected);
  }));
}

TEST_CASE("MEAN equals its twin and is within one step of the real mean") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const int64_t h = random.in(1, 9), w = random.in(1, 9), c = random.in(1, 6), n = h * w;
    const Tensor in = int8_tensor({1, h, w, c}, 0.05f, random.in(-50, 50));
    const Tensor out = int8_tensor({1, c}, random.scale(0.04f, 0.2f), random.in(-20, 20));
    Graph graph = unary(OpCode::kMean, in, out, {});
    Tensor axes;
    axes.info = {"axes", ElementType::kInt32, {2}, 0, 0};
    axes.constant = true;
    axes.data = {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff};  // 1 and -2
    graph.tensors.push_back(axes);
    graph.ops[0].inputs.push_back(2);
    TwinFactor factor = twin_factor(in.info.scale / out.info.scale);
    int bits = 0;
    while (int64_t{2} << bits <= n) ++bits;
    factor.m = (factor.m << bits) / n;
    factor.shift -= bits;

    const auto input = random.bytes(in.info.bytes());
    const auto output = run(graph, input);
    for (int64_t ch = 0; ch < c; ++ch) {
      int64_t sum = 0;
      for (int64_t i = 0; i < n; ++i) sum += at(input, i * c + ch) - in.info.zero_point;
      const int64_t zero_point = out.info.zero_point;
      RC_ASSERT(at(output, ch) ==
                clamped(twin_requantize(static_cast<int32_t>(sum), factor) + zero_point, {}));
      const double real = static_cast<double>(sum) / static_cast<double>(n) * in.info.scale / out.info.scale;
      const double limited = std::fmin(std::fmax(real + static_cast<double>(zero_point), -128), 127);
      RC_ASSERT(std::fabs(at(output, ch) - limited) <= 1.0);
    }
  }));
}

TEST_CASE("ADD equals its twin, also in place and with a constant") {
  CHECK(rc::check([](uint32_t seed, bool constant) {
    Random random{std::mt19937(seed)};
    const int64_t n = random.in(1, 40);
    Graph g;
    for (int i = 0; i < 3; ++i)
      g.tensors.push_back(int8_tensor({1, n}, random.scale(0.01f, 0.2f), random.in(-128, 127)));
    if (constant) g.tensors[1].constant = true, g.tensors[1].data = random.bytes(static_cast<size_t>(n));
    const auto activation = static_cast<Activation>(random.in(0, 3));
    g.ops.push_back({OpCode::kAdd, "ADD", {Padding::kValid, activation}, {0, 1}, 2});
    g.inputs = constant ? std::vector<int>{0} : std::vector<int>{0, 1};
    g.outputs = {2};
    auto input = random.bytes(static_cast<size_t>(constant ? n : 2 * n));
    const auto output = run(g, input);
    if (constant) input.insert(input.end(), g.tensors[1].data.begin(), g.tensors[1].data.end());
    const auto& t = g.tensors;
    const double twice = 2 * std::max(t[0].info.scale, t[1].info.scale);
    for (int64_t i = 0; i < n; ++i) {
      int32_t sum = 0;
      for (int64_t k = 0; k < 2; ++k) {
        const auto& info = t[static_cast<size_t>(k)].info;
        sum += twin_requantize(static_cast<int32_t>((at(input, k * n + i) - info.zero_point) * (1 << 20)),
                               info.scale / twice);
      }
      const int64_t scaled =
          twin_requantize(sum, twice / ((1 << 20) * t[2].info.scale)) + t[2].info.zero_point;
      RC_ASSERT(at(output, i) == clamped(scaled, twin_range(activation, t[2].info)));
    }
  }));
}

TEST_CASE("SOFTMAX is within one step of the real softmax") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const int64_t rows = random.in(1, 3), depth = random.in(1, 20);
    const Tensor in = int8_tensor({rows, depth}, random.scale(0.01f, 0.5f), 0);
    engine::OpOptions options;
    const Graph graph = unary(OpCode::kSoftmax, in, int8_tensor({rows, depth}, 1.0f / 256, -128), options);
    const auto input = random.bytes(in.info.bytes());
    const auto output = run(graph, input);
    for (int64_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (int64_t i = 0; i < depth; ++i) sum += std::exp(at(input, row * depth + i) * in.info.scale);
      for (int64_t i = 0; i < depth; ++i) {
        const double q = std::exp(at(input, row * depth + i) * in.info.scale) / sum * 256 - 128;
        RC_ASSERT(std::fabs(at(output, row * depth + i) - std::fmin(q, 127)) <= 1.0);
      }
    }
  }));
}

TEST_CASE("QUANTIZE rounds to nearest, saturates, and takes a NaN as the zero point") {
  Tensor in;
  in.info = {"f", ElementType::kFloat32, {1, 7}, 0, 0};
  const Graph graph = unary(OpCode::kQuantize, in, int8_tensor({1, 7}, 0.5f, 10), {});
  const float values[7] = {0, 0.24f, 0.25f, -0.25f, 1e30f, -1e30f, NAN};
  const auto* raw = reinterpret_cast<const uint8_t*>(values);
  const auto output = run(graph, {raw, raw + sizeof values});
  const int expected[7] = {10, 10, 11, 9, 127, -128, 10};
  for (int i = 0; i < 7; ++i) CHECK(at(output, i) == expected[i]);
}

TEST_CASE("DEQUANTIZE gives scale * (q - zero point)") {
  Tensor out;
  out.info = {"f", ElementType::kFloat32, {1, 3}, 0, 0};
  const auto output =
      run(unary(OpCode::kDequantize, int8_tensor({1, 3}, 0.25f, -3), out, {}), {0x80, 0, 0x7f});
  float values[3];
  REQUIRE(output.size() == sizeof values);
  std::memcpy(values, output.data(), sizeof values);
  CHECK((values[0] == -31.25f && values[1] == 0.75f && values[2] == 32.5f));
}

}  // namespace assay::model
