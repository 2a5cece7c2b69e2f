#include "softmax.h"

#include "../../fixed_point.h"

namespace assay::engine::reference {
namespace {

// x * y in Q31, rounded; only a product of two -1.0 would overflow, and it saturates.
int32_t multiply(int32_t x, int32_t y) {
  if (x == INT32_MIN && y == INT32_MIN) return INT32_MAX;
  return high_multiply(x, y);
}

int32_t saturating_left(int32_t x, int32_t shift) {
  const int64_t wide = static_cast<int64_t>(x) << shift;
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : static_cast<int32_t>(wide);
}

// exp(a) for a in Q0.31, -1/4 <= a < 0: the Taylor series of degree 4 around -1/8.
int32_t exp_of_quarter(int32_t a) {
  constexpr int32_t kExpOfMinusEighth = 1895147668;
  constexpr int32_t kThird = 715827883;
  const int32_t x = a + (1 << 28);
  const int32_t x2 = multiply(x, x);
  const int32_t x3 = multiply(x2, x);
  const int32_t x4_4 = rounding_shift(multiply(x2, x2), 2);
  const int32_t tail = rounding_shift(multiply(x4_4 + x3, kThird) + x2, 1);
  return kExpOfMinusEighth + multiply(kExpOfMinusEighth, x + tail);
}

// exp(a) in Q0.31 for a <= 0 in Q5.26: the quarter below, then one factor exp(-2^k) per bit of the rest.
int32_t exp_of_negative(int32_t a) {
  constexpr int32_t kQuarter = 1 << 24;
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (a == 0) return INT32_MAX;
  const int32_t below = (a & (kQuarter - 1)) - kQuarter;
  int32_t result = exp_of_quarter(static_cast<int32_t>(static_cast<uint32_t>(below) << 5));
  const int32_t rest = below - a;
  for (int32_t bit = 0; bit < 7; ++bit) {
    if (rest & (kQuarter << bit)) result = multiply(result, kFactors[bit]);
  }
  return result;
}

// 1 / (1 + a) in Q0.31 for 0 <= a < 1: three Newton steps on half the denominator, in Q2.29.
int32_t reciprocal_of_one_plus(int32_t a) {
  constexpr int32_t k48Over17 = 1515870810;
  constexpr int32_t kMinus32Over17 = -1010580540;
  constexpr int32_t kOne = 1 << 29;
  const int32_t half_denominator = static_cast<int32_t>((static_cast<int64_t>(a) + INT32_MAX + 1) / 2);
  int32_t x = k48Over17 + multiply(half_denominator, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const int32_t error = kOne - multiply(half_denominator, x);
    x += saturating_left(multiply(x, error), 2);
  }
  return saturating_left(x, 1);
}

// 31 for 0, which only a corrupted multiplier can produce.
int32_t leading_zeros(uint32_t x) { return x ? __builtin_clz(x) : 31; }

void softmax_row(const SoftmaxParameters& p, const int8_t* in, int8_t* out) {
  int32_t largest = -128;
  for (uint32_t i = 0; i < p.depth; ++i) {
    if (in[i] > largest) largest = in[i];
  }
  const auto exponential = [&](int32_t difference) {
    const uint32_t scaled = static_cast<uint32_t>(difference) << p.shift;
    return exp_of_negative(high_multiply(static_cast<int32_t>(scaled), p.multiplier));
  };
  int32_t sum = 0;  // Q12.19
  for (uint32_t i = 0; i < p.depth; ++i) {
    const int32_t difference = in[i] - largest;
    if (difference >= p.smallest) sum += rounding_shift(exponential(difference), 12);
  }
  const int32_t headroom = leading_zeros(static_cast<uint32_t>(sum));
  const int32_t shift =
      12 - headroom + 31 - 8;  // beyond 31 (hundreds of near-equal inputs) every probability is 0
  const int32_t sum_minus_one = static_cast<int32_t>((static_cast<uint32_t>(sum) << headroom) - (1u << 31));
  const int32_t scale = reciprocal_of_one_plus(sum_minus_one);
  for (uint32_t i = 0; i < p.depth; ++i) {
    const int32_t difference = in[i] - largest;
    int32_t probability = 0;
    if (difference >= p.smallest && shift <= 31) {
      probability = rounding_shift(multiply(scale, exponential(difference)), shift);
    }
    out[i] = static_cast<int8_t>(clamp(probability - 128, -128, 127));
  }
}

}  // namespace

bool check_softmax(const OpContext& op) {
  if (!op.holds(0, sizeof(SoftmaxParameters))) return false;
  const auto& p = *reinterpret_cast<const SoftmaxParameters*>(op.parameters());
  const PlanTensor& in = op.input_tensor(0);
  // More than 4095 times probability 1 would leave Q12.19.
  return in.type == 1 && op.output_tensor().type == 1 && op.output_tensor().bytes == in.bytes &&
         in.bytes == uint64_t{p.rows} * p.depth && p.depth >= 1 && p.depth <= 4095 && p.multiplier >= 0 &&
         p.shift >= 0 && p.shift <= kMaxShift && p.smallest <= 0;
}

void run_softmax(const OpContext& op) {
  const auto& p = *reinterpret_cast<const SoftmaxParameters*>(op.parameters());
  const auto* in = static_cast<const int8_t*>(op.input(0));
  auto* out = static_cast<int8_t*>(op.output());
  for (uint32_t row = 0; row < p.rows; ++row, in += p.depth, out += p.depth) softmax_row(p, in, out);
}

}  // namespace assay::engine::reference
