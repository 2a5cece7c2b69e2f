// A port that is judged by tolerance, checked by hand on three samples of two outputs.
#include "metric/port_distance.h"

#include <catch.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "metric/attribution.h"
#include "metric/evaluate.h"

namespace assay::metric {
namespace {

TensorRows floats(const std::vector<float>& values) {
  TensorRows rows{{.name = "out", .type = ElementType::kFloat32, .dims = {1, 2}}, {}};
  rows.data.resize(values.size() * sizeof(float));
  std::memcpy(rows.data.data(), values.data(), rows.data.size());
  return rows;
}
TensorRows steps(const std::vector<int8_t>& values) {
  TensorRows rows{
      {.name = "out", .type = ElementType::kInt8, .dims = {1, 2}, .scale = 0.25, .zero_point = -2}, {}};
  rows.data.assign(values.begin(), values.end());
  return rows;
}

// R2 in real units: 0.5 0.25 / 0.25 0.5 / 0 0.75; the device changes the answer of sample 1.
const TensorRows kR2 = steps({0, -1, -1, 0, -2, 1});
const TensorRows kDevice = floats({0.5f, 0.3f, 0.45f, 0.4f, 0.0f, 0.75f});

results::Attribution attribution_of(std::optional<double> tolerance) {
  const TensorRows r1 = kR2;
  Observations observed;
  observed.labels = {0, 1, 1};
  observed.r1 = {{"r1.a", &r1}};
  observed.r2 = &kR2;
  observed.device = &kDevice;
  observed.port_tolerance = tolerance;
  const auto evaluation = evaluate(observed);
  if (!evaluation) FAIL(evaluation.error().text());
  REQUIRE(evaluation->attribution);
  return *evaluation->attribution;
}

}  // namespace

TEST_CASE("the distance of a port is the largest, and how many outputs lie beyond the tolerance") {
  const auto distance = port_distance(kR2, kDevice, 0.05);
  REQUIRE(distance);
  CHECK(distance->max_error == Approx(0.2));
  CHECK(distance->outside == 2);                          // 0.2 and 0.1; 0.3 against 0.25 is within
  CHECK(port_distance(kR2, kDevice, 0.2)->outside == 0);  // equal is within, though 0.45 has no exact float
  CHECK(port_distance(kR2, kDevice, 0.199)->outside == 1);
  CHECK(port_distance(kR2, floats({NAN, 0, 0, 0, 0, 0}), 1e6)->outside == 1);
  const auto short_one = port_distance(kR2, floats({1, 2}), 0);
  REQUIRE_FALSE(short_one);
  CHECK(short_one.error().code == "metric.not_comparable");
}

TEST_CASE("outputs of another type have no bits in common: no port without a tolerance") {
  const auto a = attribution_of(std::nullopt);
  CHECK_FALSE(a.port_bits);
  CHECK_FALSE(a.port_tolerance);
  CHECK_FALSE(a.port_outside);
  CHECK(*a.port_max_error == Approx(0.2));
  CHECK(a.port_flips == 1);
  CHECK(a.owner == "unknown");  // a changed answer may be the rounding of who wrote it down
  CHECK_THAT(a.sentence, Catch::Contains("cannot be told by bits"));
}

TEST_CASE("a declared tolerance says whether a changed answer is the port's") {
  const auto within = attribution_of(0.25);
  CHECK(within.port_outside == 0);
  CHECK(within.owner == "none");
  CHECK_THAT(within.sentence,
             Catch::Contains("within the tolerance of 0.25") && Catch::Contains("1 answer changed"));
  const auto beyond = attribution_of(0.15);
  CHECK(beyond.port_outside == 1);
  CHECK(beyond.owner == "port");
  CHECK_THAT(beyond.sentence, Catch::Contains("beyond the tolerance of 0.15"));
}

TEST_CASE("with a tolerance equal types keep their bits, and the tolerance decides") {
  TensorRows device = kR2;
  device.data[1] = static_cast<uint8_t>(-2);  // one step of 0.25 lower; no answer changes
  Observations observed;
  observed.r1 = {{"r1.a", &kR2}};
  observed.r2 = &kR2;
  observed.device = &device;
  observed.port_tolerance = 0.25;
  auto evaluation = evaluate(observed);
  REQUIRE(evaluation);
  CHECK(evaluation->attribution->port_bits > 0);
  CHECK(evaluation->attribution->owner == "none");
  observed.port_tolerance = 0.1;
  evaluation = evaluate(observed);
  REQUIRE(evaluation);
  CHECK(evaluation->attribution->owner == "port");
}

}  // namespace assay::metric
