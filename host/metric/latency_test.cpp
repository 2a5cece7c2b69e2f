#include "metric/latency.h"

#include "catch.h"

using namespace assay;
using namespace assay::metric;

TEST_CASE("ticks convert by rounding, beyond 64 bits on the way") {
  const Clock clock{"instructions (emulated)", 40, 1};
  CHECK(convert_ticks(3, clock) == 120);
  CHECK(convert_ticks(5, {"cycles", 1, 2}) == 3);
  CHECK(convert_ticks(7, {"cycles", 1, 3}) == 2);
  CHECK(convert_ticks(int64_t{1} << 50, {"host ns", 1000000000, 1000000000}) == int64_t{1} << 50);
}

TEST_CASE("the cold run is apart and figures carry unit and kind") {
  std::vector<int64_t> ticks = {900};
  for (int i = 1; i <= 5; ++i) ticks.push_back(i * 10);
  const std::vector<uint8_t> first = {1, 0, 0, 0, 0, 0};
  const auto l = latency(ticks, first, {"instructions (emulated)", 2, 1}).value();
  CHECK(l.first->value == 1800);
  CHECK(l.n == 5);
  CHECK(l.median->value == 60);
  CHECK(l.median->unit == "instructions");
  CHECK(l.median->kind == "emulated");
  CHECK(l.p5->value == Approx(24));
  CHECK(l.p95->value == Approx(96));
  CHECK(l.min->value == 20);
  CHECK(l.max->value == 100);
  REQUIRE(l.histogram.size() == 40);
  CHECK(l.histogram[0] == 1);
  CHECK(l.histogram[10] == 1);
  CHECK(l.histogram[39] == 1);
  const auto same = latency(std::vector<int64_t>{7, 7}, {}, {"cycles"}).value();
  CHECK(same.histogram[0] == 2);
  CHECK_FALSE(same.first);
  CHECK_FALSE(latency({}, {}, {"cycles"}));
  CHECK_FALSE(latency(std::vector<int64_t>{7}, std::vector<uint8_t>{1}, {"cycles"})->median);
}

TEST_CASE("operators and gaps make up the inference") {
  std::vector<results::Layer> layers = {{.index = 0, .op = "CONV_2D"}, {.index = 1, .op = "SOFTMAX"}};
  const std::vector<int64_t> totals = {100, 100, 110};
  REQUIRE(fill_layers({{60, 30}, {60, 30}, {66, 30}}, totals, {"cycles"}, layers));
  REQUIRE(layers.size() == 3);
  CHECK(*layers[0].median == 60);
  CHECK(*layers[0].share == Approx(186.0 / 310));
  CHECK(layers[2].op == "(gaps)");
  CHECK(*layers[2].median == 10);
  CHECK(*layers[0].share + *layers[1].share + *layers[2].share == Approx(1).epsilon(1e-12));
  std::vector<results::Layer> again(2);
  CHECK(fill_layers({{60, 41}}, std::vector<int64_t>{100}, {"cycles"}, again)
            .error()
            .message.find("1 ticks more") != std::string::npos);
  CHECK(fill_layers({{60}}, std::vector<int64_t>{100}, {"cycles"}, again).error().code ==
        "metric.bad_observations");
  const auto overhead = profiler_overhead({.value = 1003}, {.value = 1000, .kind = "measured"});
  CHECK(overhead->value == Approx(0.003));
}
