#include "report/shares.h"

#include <numeric>

#include "catch.h"
#include "report_fixture.h"

using namespace assay::report;

TEST_CASE("Tenths of a percent add up to 100.0 whatever the weights") {
  CHECK(tenths({1, 1, 1}) == std::vector<int>{334, 333, 333});
  CHECK(tenths({}).empty());
  CHECK(tenths({0, 0}) == std::vector<int>{0, 0});
  double seed = 0.37;
  for (int round = 0; round < 200; ++round) {
    std::vector<double> weights;
    for (int i = 0; i <= round % 23; ++i) seed = seed * 3.97 * (1 - seed), weights.push_back(seed);
    const auto parts = tenths(weights);
    CHECK(std::accumulate(parts.begin(), parts.end(), 0) == 1000);
  }
}

TEST_CASE("Operators and gaps make the whole inference") {
  const auto shares = shares_of(assay::report_fixture::watch_raw().summary);
  CHECK(shares.sum == Approx(99.5));
  CHECK(shares.gaps == Approx(0.5));
  CHECK(shares.operators[1] == Approx(16.8));
}

TEST_CASE("Operators that add up to more than the whole leave no gap") {
  assay::results::Summary summary;
  summary.layers.resize(2);
  summary.layers[0].median = 60, summary.layers[1].median = 50;
  summary.latency.emplace().median = assay::results::Figure{100, "cycles", "measured"};
  const auto shares = shares_of(summary);
  CHECK(shares.gaps == 0);
  CHECK(shares.sum == Approx(100));
}

TEST_CASE("A measured gaps row is the gap: it is no operator, and the shares are those of the timed passes") {
  const auto summary = assay::report_fixture::spelled_out().summary;
  CHECK(operators_of(summary).size() == 11);
  REQUIRE(gaps_of(summary));
  const auto shares = shares_of(summary);
  CHECK(shares.operators.size() == 11);
  CHECK(shares.gaps == Approx(0.2));
  CHECK(shares.sum == Approx(99.8));
  CHECK_FALSE(gaps_of({}));
  CHECK(operators_of({}).empty());
}
