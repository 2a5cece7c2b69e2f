#include "metric/divergence.h"

#include <cmath>
#include <cstring>

#include "catch.h"

namespace assay::metric {
namespace {

TensorRows int8_rows(std::vector<int8_t> values, std::vector<int64_t> dims, double scale = 0.5,
                     int64_t zero = 3) {
  TensorRows rows{{"t", ElementType::kInt8, std::move(dims), scale, zero}, {}};
  for (int8_t value : values) rows.data.push_back(static_cast<uint8_t>(value));
  return rows;
}

TensorRows float_rows(const std::vector<float>& values, std::vector<int64_t> dims) {
  TensorRows rows{{"t", ElementType::kFloat32, std::move(dims), 0, 0}, {}};
  rows.data.resize(values.size() * 4);
  std::memcpy(rows.data.data(), values.data(), rows.data.size());
  return rows;
}

// Three int8 operators in a row, two samples each; operator 1 is the first that differs.
struct Chain {
  TensorRows a = int8_rows({1, 2, 3, 4}, {1, 2});
  TensorRows b = int8_rows({5, 6, 7, 15}, {1, 1, 1, 2}), b2 = int8_rows({5, 6, 7, 8}, {1, 1, 1, 2});
  TensorRows c = int8_rows({9, 1}, {1, 1}), c2 = int8_rows({9, 0}, {1, 1});
  TappedRun run;

  Chain() {
    run.samples = {"s0", "s1"};
    run.output_differs = true;
    run.operators = {{.op = "CONV_2D",
                      .kernel = "reference/CONV_2D",
                      .device = &a,
                      .reference = &a,
                      .local = &a,
                      .sources = {-1}},
                     {.op = "DEPTHWISE_CONV_2D",
                      .kernel = "reference/DEPTHWISE_CONV_2D",
                      .input_shape = "1x2",
                      .filter_shape = "1x3x3x2",
                      .output_shape = "1x1x1x2",
                      .device = &b,
                      .reference = &b2,
                      .local = &b2,
                      .sources = {0}},
                     {.op = "MEAN",
                      .kernel = "reference/MEAN",
                      .device = &c,
                      .reference = &c2,
                      .local = &c,
                      .sources = {1}}};
  }
};

}  // namespace

TEST_CASE("the first operator that differs is named with its worst element") {
  const Chain chain;
  const auto d = find_divergence(chain.run);
  REQUIRE(d);
  CHECK(d->state == "diverges");
  CHECK(d->first == 1);
  CHECK(d->op == "DEPTHWISE_CONV_2D");
  CHECK(d->filter_shape == "1x3x3x2");
  CHECK(d->worst->sample == "s1");
  CHECK(d->worst->at == std::vector<int64_t>{0, 0, 0, 1});
  CHECK(d->worst->device_q == 15);
  CHECK(d->worst->reference_q == 8);
  CHECK(d->worst->device == 6.0);
  CHECK(d->worst->reference == 2.5);
  CHECK(d->inputs_equal == true);
  CHECK(d->sentence ==
        "Operator #1 DEPTHWISE_CONV_2D (reference kernel) is the first that differs: 1 of 4 elements of 2 "
        "samples, worst by 7 "
        "LSB at [0,0,0,1]; its inputs were equal, so the fault lies in it.");
  // The operator behind it only passes the fault on.
  CHECK(d->operators[2].differing == 1);
  CHECK(d->operators[2].local_differing == 0);
  CHECK(d->operators[2].max_lsb == 1);
  CHECK_FALSE(d->operators[2].local_sqnr_db);
  // sum r^2 = 4*0.25*(4 + 9 + 16 + 25)/4, e = 3.5
  CHECK(*d->operators[1].sqnr_db == Approx(10 * std::log10(0.25 * (4 + 9 + 16 + 25) / (3.5 * 3.5))));
}

TEST_CASE(
    "a tolerance passes over what is within it, and equal operators with another output are told apart") {
  Chain chain;
  chain.run.tolerance_lsb = 7;
  auto d = find_divergence(chain.run);
  REQUIRE(d);
  CHECK(d->state == "output_only");
  CHECK(d->sentence.find("All 3 operators agree with the host build, but the output of the run does not") ==
        0);
  chain.run.output_differs = false;
  CHECK(find_divergence(chain.run)->state == "agrees");
  // Beyond the tolerance at the second, whose input differs within it.
  chain.c2 = int8_rows({9, 100}, {1, 1});
  d = find_divergence(chain.run);
  CHECK(d->first == 2);
  CHECK(d->inputs_equal == false);
  CHECK(d->sentence.find("its inputs differed already by no more than the tolerance (from #1)") !=
        std::string::npos);
  CHECK(d->sentence.find("computes what the host build computes") != std::string::npos);
}

TEST_CASE("an operator that was not captured is a gap that the sentence names") {
  Chain chain;
  chain.run.operators[1].device = nullptr;
  chain.run.operators[1].note = "the arena needs 9 bytes, and there are 8";
  const auto d = find_divergence(chain.run);
  REQUIRE(d);
  CHECK(d->first == 2);
  CHECK_FALSE(d->inputs_equal);
  CHECK_FALSE(d->operators[1].captured);
  CHECK(d->operators[1].note.find("9 bytes") != std::string::npos);
  CHECK(d->sentence.find("Operator #1 was not captured and may be at fault instead") != std::string::npos);
  for (auto& op : chain.run.operators) op.device = nullptr;
  CHECK(find_divergence(chain.run)->state == "incomplete");
}

TEST_CASE("what one replay captured explains another only where they repeat each other") {
  Chain chain;
  chain.run.operators[1].plan = 1;
  CHECK(find_divergence(chain.run)->inputs_equal == true);
  chain.run.reproduced = false;
  const auto d = find_divergence(chain.run);
  REQUIRE(d);
  CHECK_FALSE(d->inputs_equal);
  CHECK(d->sentence.find("not all of its inputs were captured together with it") != std::string::npos);
  CHECK(d->sentence.find("depends on what memory held before") != std::string::npos);
}

TEST_CASE("floats have a relative tolerance, and a NaN on one side is beyond any") {
  TensorRows d = float_rows({1.0f, 200.0f}, {1, 2}), r = float_rows({1.0f, 200.1f}, {1, 2});
  TappedRun run;
  run.samples = {"s"};
  run.operators = {
      {.op = "CONV_2D", .kernel = "reference/CONV_2D", .device = &d, .reference = &r, .sources = {-1}}};
  auto found = find_divergence(run);
  REQUIRE(found);
  CHECK(found->first == 0);
  CHECK_FALSE(found->operators[0].max_lsb);
  CHECK(*found->operators[0].max_abs == Approx(0.1).epsilon(1e-3));
  run.tolerance = 1e-3;
  CHECK(find_divergence(run)->state == "agrees");
  d = float_rows({NAN, 200.0f}, {1, 2});
  found = find_divergence(run);
  CHECK(found->first == 0);
  CHECK(found->worst->at == std::vector<int64_t>{0, 0});
  CHECK_FALSE(found->operators[0].max_abs);
  r = float_rows({NAN, 200.0f}, {1, 2});
  CHECK(find_divergence(run)->state == "agrees");
}

TEST_CASE("sides of unlike shape are refused") {
  Chain chain;
  chain.b2 = int8_rows({5, 6}, {1, 1, 1, 2});
  const auto d = find_divergence(chain.run);
  REQUIRE_FALSE(d);
  CHECK(d.error().code == "metric.not_comparable");
}

}  // namespace assay::metric
