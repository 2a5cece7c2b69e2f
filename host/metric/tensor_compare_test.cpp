#include "metric/tensor_compare.h"

#include <cmath>

#include "catch.h"
#include "metric/envelope.h"
#include "metric/input_channels.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

TEST_CASE("LSB histogram and bits of two rows") {
  const auto a = int8_rows({{0, 1, 2}, {-128, 5, 127}}), b = int8_rows({{0, 1, 2}, {127, 4, 118}});
  const auto h = lsb_histogram(a, "r2", b, "device").value();
  CHECK(h.counts.at(0) == 3);
  CHECK(h.counts.at(-1) == 1);
  CHECK(h.below == 1);  // -9
  CHECK(h.above == 1);  // 255
  CHECK(h.max_abs == 255);
  CHECK(h.elements == 6);
  CHECK(h.samples_exact == 1);
  CHECK(differing_bits(a, b).value() == 8 + 1 + 2);  // 80^7f, 05^04, 7f^76
  CHECK(differing_bits(a, a).value() == 0);
  CHECK(*saturation_rate(a) == Approx(2.0 / 6));
  CHECK(lsb_histogram(a, "a", int8_rows({{0, 1, 2}, {0, 0, 0}}, 0.5), "b").error().code ==
        "metric.not_comparable");
  CHECK(lsb_histogram(float_rows({{1}}), "a", float_rows({{1}}), "b").error().code ==
        "metric.not_comparable");
  CHECK(differing_bits(a, int8_rows({{0, 1, 2}})).error().code == "metric.not_comparable");
}

TEST_CASE("pooled metrics of four elements by hand") {
  const auto m = compare_tensors(float_rows({{1, 2}, {3, 4}}), float_rows({{1, 3}, {3, 2}})).value();
  // e = 0, 1, 0, -2; sum r^2 = 30, sum d^2 = 23, sum e^2 = 5, <r, d> = 24
  CHECK(*m.mae == 0.75);
  CHECK(*m.bias == -0.25);
  CHECK(*m.rmse == Approx(std::sqrt(1.25)));
  CHECK(*m.deviation == Approx(std::sqrt(4.75 / 3)));
  CHECK(*m.max_abs == 2);
  CHECK(m.max_abs_sample == 1);
  CHECK(m.max_abs_element == 1);
  CHECK(*m.l2r_ref == Approx(std::sqrt(5.0 / 30)));
  CHECK(*m.l2r_dev == Approx(std::sqrt(5.0 / 23)));
  CHECK(*m.sqnr_db == Approx(10 * std::log10(6)));
  CHECK(*m.nse == Approx(0.0).margin(1e-12));  // 1 - 5 / 5
  CHECK(*m.cosine == Approx(24 / std::sqrt(30.0 * 23)));
}

TEST_CASE("what has no value is absent") {
  const auto exact = compare_tensors(float_rows({{2, 2}}), float_rows({{2, 2}})).value();
  CHECK(exact.exact);
  CHECK_FALSE(exact.sqnr_db);
  CHECK_FALSE(exact.nse);
  const auto zeros = compare_tensors(float_rows({{0, 0}}), float_rows({{0, 0}})).value();
  CHECK(*zeros.cosine == 1);
  CHECK_FALSE(zeros.l2r_ref);
  const auto silent = compare_tensors(float_rows({{0, 0}}), float_rows({{1, 0}})).value();
  CHECK(*silent.cosine == 0);
  CHECK_FALSE(silent.sqnr_db);
  const auto bad =
      compare_tensors(float_rows({{NAN, 1, INFINITY, INFINITY}}), float_rows({{NAN, NAN, INFINITY, 1}}))
          .value();
  CHECK(bad.nan_reference == 1);
  CHECK(bad.nan_device == 2);
  CHECK(bad.inf_reference == 2);
  CHECK(bad.nonfinite_disagreements == 2);
  CHECK_FALSE(bad.mae);
}

TEST_CASE("the envelope contains its members and knows who is outside") {
  const auto a = int8_rows({{0, 5}, {1, 1}}), b = int8_rows({{2, 3}, {1, 1}}),
             c = int8_rows({{1, 4}, {1, 2}});
  const TensorRows* members[] = {&a, &b};
  const Envelope envelope = envelope_of(members).value();
  CHECK(*envelope.max_lsb() == 2);
  CHECK(samples_outside(envelope, a).value() == std::vector<uint8_t>{0, 0});
  CHECK(samples_outside(envelope, b).value() == std::vector<uint8_t>{0, 0});
  CHECK(samples_outside(envelope, c).value() == std::vector<uint8_t>{0, 1});
  CHECK(samples_outside(envelope, int8_rows({{0, 5}})).error().code == "metric.not_comparable");
  const TensorRows* twice[] = {&a, &a, &b};  // one cached tensor may stand for two runtimes
  CHECK(envelope_of(twice)->lo == envelope.lo);
  CHECK(envelope_of({}).error().code == "metric.not_comparable");
  const auto f = float_rows({{1, 2}}), nan = float_rows({{NAN, 2}});
  const TensorRows* one[] = {&f};
  CHECK(samples_outside(*envelope_of(one), nan).value() == std::vector<uint8_t>{1});
  CHECK_FALSE(envelope_of(one)->max_lsb());
}

TEST_CASE("input channels: rounding to the zero point and clipping are seen apart") {
  // scale 1, zero point 0: x is far below a step, y is clipped once, z is exact.
  const auto real = float_rows({{0.25f, 100, 3}, {-0.25f, 200, 4}});
  const auto q = int8_rows({{0, 100, 3}, {0, 127, 4}}, 1, 0);
  const auto rows = input_channels(&real, q, {"x", "y"}).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].name == "x");
  CHECK(*rows[0].sqnr_db == Approx(0));  // the error is the signal
  CHECK(rows[0].zero_share == 1);
  CHECK(*rows[1].sqnr_db == Approx(10 * std::log10(50000.0 / (73 * 73))));
  CHECK(rows[1].saturated_share == 0.5);
  CHECK_FALSE(rows[2].sqnr_db);
  CHECK(rows[2].name == "2");
  CHECK_FALSE(input_channels(nullptr, q, {})->at(1).sqnr_db);
  CHECK(input_channels(nullptr, real, {})->empty());
  const auto fewer = float_rows({{0.25f, 100, 3}});
  CHECK(input_channels(&fewer, q, {}).error().code == "metric.not_comparable");
}
