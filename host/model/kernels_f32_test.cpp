// Every float32 kernel against a plain loop over NHWC that adds in the same order, on random shapes and data:
// equal to the bit. The exponential against the C library's in double precision.
#include <rapidcheck.h>

#include <cfloat>
#include <cmath>
#include <random>

#include "catch.h"
#include "engine/kernels/reference/float32.h"
#include "model/host_plan.h"
#include "model/planner.h"

namespace assay::model {
namespace {

using engine::Activation;
using engine::OpCode;
using engine::Padding;
using Floats = std::vector<float>;

struct Random {
  std::mt19937 engine;
  int in(int low, int high) {
    return low + static_cast<int>(engine() % static_cast<uint32_t>(high - low + 1));
  }
  Floats values(int64_t count) {
    Floats v(static_cast<size_t>(count));
    for (float& x : v) x = static_cast<float>(in(-100000, 100000)) / 17000.0f;
    return v;
  }
};

Tensor tensor(std::vector<int64_t> dims, const Floats& data = {}) {
  Tensor t;
  t.info = {"t", ElementType::kFloat32, std::move(dims), 0, 0};
  t.constant = !data.empty();
  t.data.resize(data.size() * sizeof(float));
  if (t.constant) std::memcpy(t.data.data(), data.data(), t.data.size());
  return t;
}

Floats run(Graph graph, const Floats& input) {
  graph.inputs = {0};
  graph.outputs = {graph.ops[0].output};
  const auto plan = make_plan(graph, {}, std::string(64, '0'));
  if (!plan) throw std::runtime_error(plan.error().text());
  auto host = HostPlan::open(plan->bytes);
  if (!host) throw std::runtime_error(host.error().text());
  std::vector<uint8_t> bytes(input.size() * sizeof(float));
  std::memcpy(bytes.data(), input.data(), bytes.size());
  const auto output = host->run(bytes);
  if (!output) throw std::runtime_error(output.error().text());
  Floats values(output->size() / sizeof(float));
  std::memcpy(values.data(), output->data(), output->size());
  return values;
}

// -0 is not 0 and a NaN equals itself.
bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

float activated(float x, Activation activation) {
  if (activation == Activation::kRelu) return std::max(x, 0.0f);
  if (activation == Activation::kRelu6) return std::min(std::max(x, 0.0f), 6.0f);
  if (activation == Activation::kReluN1To1) return std::min(std::max(x, -1.0f), 1.0f);
  return x;
}

// One axis of a window.
struct Axis {
  int64_t in, filter, stride, dilation, out, pad;
  static Axis random(Random& random, Padding padding, bool dilated) {
    Axis a{};
    a.filter = random.in(1, 4), a.stride = random.in(1, 3), a.dilation = dilated ? random.in(1, 2) : 1;
    const int64_t extent = (a.filter - 1) * a.dilation + 1;
    a.in = (padding == Padding::kValid ? extent : 1) + random.in(0, 6);
    a.out = padding == Padding::kSame ? (a.in + a.stride - 1) / a.stride : (a.in - extent) / a.stride + 1;
    a.pad = padding == Padding::kSame ? std::max<int64_t>((a.out - 1) * a.stride + extent - a.in, 0) / 2 : 0;
    return a;
  }
  int64_t at(int64_t o, int64_t k) const { return o * stride - pad + k * dilation; }
  bool holds(int64_t position) const { return position >= 0 && position < in; }
};

struct Image {
  Axis y, x;
  int64_t in_c;
  Padding padding;
  Activation activation;
  engine::OpOptions options() const {
    return {padding,
            activation,
            static_cast<int32_t>(y.stride),
            static_cast<int32_t>(x.stride),
            static_cast<int32_t>(y.dilation),
            static_cast<int32_t>(x.dilation),
            static_cast<int32_t>(y.filter),
            static_cast<int32_t>(x.filter),
            1,
            1};
  }
};

Image random_image(Random& random, bool dilated) {
  const auto padding = random.in(0, 1) ? Padding::kSame : Padding::kValid;
  return {Axis::random(random, padding, dilated), Axis::random(random, padding, dilated), random.in(1, 9),
          padding, static_cast<Activation>(random.in(0, 3))};
}

// Calls use(input index of channel 0, filter row, filter column) for each tap inside the image.
template <class Use>
void each_tap(const Image& i, int64_t oy, int64_t ox, Use use) {
  for (int64_t ky = 0; ky < i.y.filter; ++ky)
    for (int64_t kx = 0; kx < i.x.filter; ++kx) {
      const int64_t y = i.y.at(oy, ky), x = i.x.at(ox, kx);
      if (i.y.holds(y) && i.x.holds(x)) use(static_cast<size_t>((y * i.x.in + x) * i.in_c), ky, kx);
    }
}

template <class Value>
Floats each_output(const Image& i, int64_t out_c, Value value) {
  Floats out;
  for (int64_t oy = 0; oy < i.y.out; ++oy)
    for (int64_t ox = 0; ox < i.x.out; ++ox)
      for (int64_t c = 0; c < out_c; ++c) out.push_back(activated(value(oy, ox, c), i.activation));
  return out;
}

void check_convolution(uint32_t seed, bool depthwise) {
  Random random{std::mt19937(seed)};
  const Image i = random_image(random, true);
  const int64_t multiplier = random.in(0, 2) ? random.in(1, 3) : 4;
  const int64_t out_c = depthwise ? i.in_c * multiplier : random.in(1, 11);
  const Floats weights = random.values(i.y.filter * i.x.filter * out_c * (depthwise ? 1 : i.in_c));
  const bool has_bias = random.in(0, 3) != 0;
  const Floats bias = has_bias ? random.values(out_c) : Floats(static_cast<size_t>(out_c), 0.0f);
  Graph g;
  g.tensors = {tensor({1, i.y.in, i.x.in, i.in_c}),
               tensor(depthwise ? std::vector<int64_t>{1, i.y.filter, i.x.filter, out_c}
                                : std::vector<int64_t>{out_c, i.y.filter, i.x.filter, i.in_c},
                      weights),
               tensor({out_c}, bias), tensor({1, i.y.out, i.x.out, out_c})};
  g.ops.push_back({depthwise ? OpCode::kDepthwiseConv2d : OpCode::kConv2d,
                   "LAYER",
                   i.options(),
                   {0, 1, has_bias ? 2 : -1},
                   3});
  const Floats input = random.values(i.y.in * i.x.in * i.in_c);
  const Floats expected = each_output(i, out_c, [&](int64_t oy, int64_t ox, int64_t oc) {
    float sum = 0;
    each_tap(i, oy, ox, [&](size_t at, int64_t ky, int64_t kx) {
      if (depthwise) {
        sum += weights[static_cast<size_t>((ky * i.x.filter + kx) * out_c + oc)] *
               input[at + static_cast<size_t>(oc / multiplier)];
        return;
      }
      for (int64_t ic = 0; ic < i.in_c; ++ic)
        sum += weights[static_cast<size_t>(((oc * i.y.filter + ky) * i.x.filter + kx) * i.in_c + ic)] *
               input[at + static_cast<size_t>(ic)];
    });
    return sum + bias[static_cast<size_t>(oc)];
  });
  RC_ASSERT(same_bits(run(g, input), expected));
}

uint32_t bits(float x) {
  uint32_t word;
  std::memcpy(&word, &x, sizeof word);
  return word;
}

}  // namespace

TEST_CASE("CONV_2D float32 equals its twin") {
  CHECK(rc::check([](uint32_t seed) { check_convolution(seed, false); }));
}

TEST_CASE("DEPTHWISE_CONV_2D float32 equals its twin") {
  CHECK(rc::check([](uint32_t seed) { check_convolution(seed, true); }));
}

TEST_CASE("FULLY_CONNECTED float32 equals its twin") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const int64_t rows = random.in(1, 3), in_c = random.in(1, 20), out_c = random.in(1, 9);
    const Floats weights = random.values(out_c * in_c), bias = random.values(out_c),
                 input = random.values(rows * in_c);
    const auto activation = static_cast<Activation>(random.in(0, 3));
    Graph g;
    g.tensors = {tensor({rows, in_c}), tensor({out_c, in_c}, weights), tensor({out_c}, bias),
                 tensor({rows, out_c})};
    g.ops.push_back({OpCode::kFullyConnected, "FC", {Padding::kValid, activation}, {0, 1, 2}, 3});
    Floats expected;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t o = 0; o < out_c; ++o) {
        float sum = 0;
        for (int64_t k = 0; k < in_c; ++k)
          sum += weights[static_cast<size_t>(o * in_c + k)] * input[static_cast<size_t>(r * in_c + k)];
        expected.push_back(activated(sum + bias[static_cast<size_t>(o)], activation));
      }
    RC_ASSERT(same_bits(run(g, input), expected));
  }));
}

TEST_CASE("pools of float32 equal their twins") {
  CHECK(rc::check([](uint32_t seed, bool average) {
    Random random{std::mt19937(seed)};
    const Image i = random_image(random, false);
    Graph g;
    g.tensors = {tensor({1, i.y.in, i.x.in, i.in_c}), tensor({1, i.y.out, i.x.out, i.in_c})};
    g.ops.push_back({average ? OpCode::kAveragePool2d : OpCode::kMaxPool2d, "POOL", i.options(), {0}, 1});
    const Floats input = random.values(i.y.in * i.x.in * i.in_c);
    const Floats expected = each_output(i, i.in_c, [&](int64_t oy, int64_t ox, int64_t c) {
      float sum = 0, largest = -FLT_MAX, count = 0;
      each_tap(i, oy, ox, [&](size_t at, int64_t, int64_t) {
        const float x = input[at + static_cast<size_t>(c)];
        sum += x, largest = std::max(largest, x), ++count;
      });
      return average ? sum / count : largest;
    });
    RC_ASSERT(same_bits(run(g, input), expected));
  }));
}

TEST_CASE("MEAN and ADD of float32 equal their twins") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const int64_t pixels = random.in(1, 30), c = random.in(1, 6);
    const Floats input = random.values(pixels * c), other = random.values(pixels * c);
    Tensor axes;
    axes.info = {"axes", ElementType::kInt32, {2}, 0, 0};
    axes.constant = true;
    axes.data = {1, 0, 0, 0, 2, 0, 0, 0};
    Graph mean;
    mean.tensors = {tensor({1, pixels, 1, c}), axes, tensor({1, c})};
    mean.ops.push_back({OpCode::kMean, "MEAN", {}, {0, 1}, 2});
    Floats expected;
    for (int64_t k = 0; k < c; ++k) {
      float sum = 0;
      for (int64_t p = 0; p < pixels; ++p) sum += input[static_cast<size_t>(p * c + k)];
      expected.push_back(sum / static_cast<float>(pixels));
    }
    RC_ASSERT(same_bits(run(mean, input), expected));

    const auto activation = static_cast<Activation>(random.in(0, 3));
    Graph add;
    add.tensors = {tensor({pixels, c}), tensor({pixels, c}, other), tensor({pixels, c})};
    add.ops.push_back({OpCode::kAdd, "ADD", {Padding::kValid, activation}, {0, 1}, 2});
    expected.clear();
    for (size_t k = 0; k < input.size(); ++k) expected.push_back(activated(input[k] + other[k], activation));
    RC_ASSERT(same_bits(run(add, input), expected));
  }));
}

TEST_CASE("SOFTMAX float32 is within 1e-6 of the real softmax") {
  CHECK(rc::check([](uint32_t seed) {
    Random random{std::mt19937(seed)};
    const int64_t rows = random.in(1, 3), depth = random.in(1, 20);
    Graph g;
    g.tensors = {tensor({rows, depth}), tensor({rows, depth})};
    g.ops.push_back({OpCode::kSoftmax, "SOFTMAX", {}, {0}, 1});
    const Floats input = random.values(rows * depth);
    const Floats output = run(g, input);
    for (int64_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k)
        sum += std::exp(double{input[static_cast<size_t>(row * depth + k)]});
      for (int64_t k = 0; k < depth; ++k) {
        const auto at = static_cast<size_t>(row * depth + k);
        RC_ASSERT(std::fabs(output[at] - std::exp(double{input[at]}) / sum) < 1e-6);
      }
    }
  }));
}

TEST_CASE("the exponential is within 2 units in the last place, 1 at 0, and 0 far below") {
  using engine::reference::exp_of_negative;
  double worst = 0;
  for (float x = -86.999f; x < 0; x += 0.0007f) {
    const double real = std::exp(double{x});
    const double unit = std::ldexp(1.0, std::ilogb(real) - 23);
    worst = std::max(worst, std::fabs(exp_of_negative(x) - real) / unit);
  }
  CHECK(worst < 2);
  CHECK(exp_of_negative(0) == 1);
  CHECK(exp_of_negative(-1e-30f) == 1);
  CHECK(exp_of_negative(-88) == 0);
  CHECK(exp_of_negative(-INFINITY) == 0);
  CHECK(std::isnan(exp_of_negative(NAN)));
}

TEST_CASE("a NaN leaves as one NaN, whatever made it") {
  Graph g;
  g.tensors = {tensor({1, 2}), tensor({1, 2}, {INFINITY, INFINITY}), tensor({1, 1})};
  g.ops.push_back({OpCode::kFullyConnected, "FC", {}, {0, 1}, 2});
  float negative_nan = -NAN, payload = std::nanf("123");
  for (const Floats& input : {Floats{1, -1}, Floats{negative_nan, 1}, Floats{payload, 0}}) {
    CHECK(bits(run(g, input).at(0)) == 0x7fc00000);
  }
  // The largest finite number is the border of no activation, as in TensorFlow Lite.
  CHECK(run(g, {1, 1}).at(0) == FLT_MAX);
}

}  // namespace assay::model
