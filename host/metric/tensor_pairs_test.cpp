#include "metric/tensor_pairs.h"

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

namespace {

const results::SampleSpread& spread(const results::TensorPair& pair, const char* metric) {
  const auto at = std::find_if(pair.per_sample.begin(), pair.per_sample.end(),
                               [&](const auto& s) { return s.metric == metric; });
  REQUIRE(at != pair.per_sample.end());
  return *at;
}

}  // namespace

TEST_CASE("every pair that exists, pooled and per sample, with the sample's id") {
  const auto r0 = float_rows({{1, 0}, {0, 1}, {1, 1}}), d = float_rows({{1, 0}, {0, 2}, {1, 1.5f}});
  Observations o;
  o.r0 = &r0, o.device = &d, o.ids = {"a.wav", "b.wav", "c.wav"};
  const auto pairs = tensor_pairs(o).value();
  REQUIRE(pairs.size() == 1);
  const auto& p = pairs[0];
  CHECK((p.a == "R0" && p.b == "D" && p.samples == 3 && p.elements == 6));
  CHECK(*p.mae == Approx(1.5 / 6));
  CHECK(*p.max_abs == 1);
  CHECK(p.max_abs_sample == "b.wav");
  CHECK((p.max_abs_index == 1 && p.max_abs_element == 1));
  CHECK_FALSE(p.exact);
  CHECK_FALSE(p.saturation_a);
  CHECK(spread(p, "mae").n == 3);
  CHECK(spread(p, "mae").p50 == Approx(0.25));
  CHECK(spread(p, "mae").p95 == Approx(0.475));                          // of 0, 0.25, 0.5
  CHECK(spread(p, "sqnr_db").p95 == Approx(0.05 * 10 * std::log10(8)));  // near the low end: of 0 and 9 dB
  CHECK(spread(p, "mae").worst == Approx(0.5));
  CHECK(spread(p, "mae").worst_sample == "b.wav");
  CHECK(spread(p, "sqnr_db").n == 2);  // the first sample is exact
  CHECK(spread(p, "sqnr_db").worst == Approx(0.0).margin(1e-12));
  CHECK(spread(p, "nse").n == 2);  // the third reference is constant
}

TEST_CASE("all four pairs, an exact one says so and has no SQNR") {
  const auto r0 = float_rows({{0.5f, 0.25f}}), r1 = int8_rows({{0, -64}}), r2 = int8_rows({{127, -128}});
  Observations o;
  o.r0 = &r0, o.r1 = {{"r1.x", &r1}}, o.r2 = &r2, o.device = &r2;
  const auto pairs = tensor_pairs(o).value();
  REQUIRE(pairs.size() == 4);
  CHECK((pairs[0].a == "R0" && pairs[0].b == "R1" && pairs[0].exact));
  CHECK((pairs[1].a == "R1" && pairs[1].b == "R2" && !pairs[1].exact));
  CHECK((pairs[2].a == "R2" && pairs[2].b == "D" && pairs[2].exact && !pairs[2].sqnr_db));
  CHECK((pairs[3].a == "R0" && pairs[3].b == "D"));
  CHECK(*pairs[2].saturation_b == 1);
  CHECK(nonfinite_findings(pairs).empty());
}

TEST_CASE("NaN is counted, takes the figures away, and between R2 and D it is the port's") {
  const auto r2 = float_rows({{1, 2}, {3, NAN}}), d = float_rows({{1, NAN}, {3, NAN}});
  Observations o;
  o.r2 = &r2, o.device = &d;
  const auto pairs = tensor_pairs(o).value();
  REQUIRE(pairs.size() == 1);
  CHECK((pairs[0].nan_a == 1 && pairs[0].nan_b == 2 && pairs[0].nonfinite_disagreements == 1));
  CHECK_FALSE(pairs[0].mae);
  CHECK_FALSE(pairs[0].cosine);
  CHECK(pairs[0].per_sample.empty());
  const auto findings = nonfinite_findings(pairs);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "metric.nonfinite_disagreement");
  CHECK(findings[0].message ==
        "R2 and D disagree on NaN or infinity in 1 of 4 output elements (1 NaN and 0 infinite in R2, 2 and 0 "
        "in D): the port owns this");
}

TEST_CASE("sides of unlike shape have no pair") {
  const auto r0 = float_rows({{1, 2, 3}}), d = float_rows({{1, 2}});
  Observations o;
  o.r0 = &r0, o.device = &d;
  CHECK(tensor_pairs(o).error().code == "metric.not_comparable");
}
