#include "metric/statistics.h"

#include <rapidcheck.h>
#include <cmath>

#include "catch.h"

using namespace assay::metric;

TEST_CASE("Wilson's interval equals published values") {
  // 8 of 10: 0.4901624715, 0.9433178485 (R binom::binom.wilson; also statsmodels proportion_confint).
  CHECK(wilson(8, 10).lo == Approx(0.49016247153664155).epsilon(1e-12));
  CHECK(wilson(8, 10).hi == Approx(0.9433178485456247).epsilon(1e-12));
  // 81 of 263: 0.2553, 0.3662 (Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3).
  CHECK(wilson(81, 263).lo == Approx(0.2553).margin(5e-5));
  CHECK(wilson(81, 263).hi == Approx(0.3662).margin(5e-5));
  // 0 of 20: 0, 0.1611 (same table).
  CHECK(wilson(0, 20).lo == 0);
  CHECK(wilson(0, 20).hi == Approx(0.1611).margin(5e-5));
  CHECK(wilson(0, 0).hi == 1);
}

TEST_CASE("McNemar is exact below 25 and chi-squared above") {
  CHECK(mcnemar_p(0, 0) == 1);
  CHECK(mcnemar_p(1, 0) == 1);                     // 2 * 1/2
  CHECK(mcnemar_p(5, 0) == Approx(0.0625));        // 2 / 2^5
  CHECK(mcnemar_p(2, 8) == Approx(112.0 / 1024));  // 2 (1 + 10 + 45) / 2^10
  CHECK(mcnemar_p(3, 3) == 1);
  CHECK(mcnemar_p(24, 0) == Approx(2 / std::exp2(24)));
  // (|10 - 20| - 1)^2 / 30 = 2.7: p = 0.1003482 (table of chi-squared, 1 degree of freedom).
  CHECK(mcnemar_p(10, 20) == Approx(0.10034824646229074).epsilon(1e-9));
  CHECK(mcnemar_p(20, 20) == 1);
}

TEST_CASE("Holm steps down and never falls") {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const auto adjusted = holm(p);  // x2: 0.03, x1 of 0.04 lifted to 0.06
  CHECK(adjusted[3] == Approx(0.02));
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[1] == Approx(0.06));
  CHECK(holm(std::vector<double>{0.9, 0.8})[0] == 1);
}

TEST_CASE("quantiles are numpy's default") {
  const std::vector<double> values = {1, 2, 4, 8};
  CHECK(quantile(values, 0.5) == 3);
  CHECK(quantile(values, 0.05) == Approx(1.15).epsilon(1e-12));
  CHECK(quantile(values, 0.95) == Approx(7.4).epsilon(1e-12));
  CHECK(quantile(values, 1) == 8);
  CHECK(quantile(std::vector<double>{7}, 0.3) == 7);
  CHECK(std::isnan(quantile({}, 0.5)));
}

TEST_CASE("the paired bootstrap repeats to the last digit and agrees with the normal interval") {
  const Interval a = paired_bootstrap(60, 20, 1000, 7), b = paired_bootstrap(60, 20, 1000, 7);
  CHECK((a.lo == b.lo && a.hi == b.hi));
  // From a second implementation of mt19937_64 (in Python, checked against the standard's 10000th value).
  CHECK(a.lo == Approx(-0.057).margin(1e-12));
  CHECK(a.hi == Approx(-0.023).margin(1e-12));
  const double se = std::sqrt((0.08 - 0.04 * 0.04) / 1000);
  CHECK(a.lo == Approx(-0.04 - 1.96 * se).margin(0.002));
  CHECK(a.hi == Approx(-0.04 + 1.96 * se).margin(0.002));
  CHECK(paired_bootstrap(0, 0, 50, 1).lo == 0);
  CHECK(paired_bootstrap(50, 0, 50, 1).hi == -1);
  CHECK(zero_event_bound(300) == Approx(0.01));
  CHECK(zero_event_bound(0) == 1);
}

TEST_CASE("intervals contain what they estimate") {
  CHECK(rc::check("Wilson contains the share", [] {
    const int n = *rc::gen::inRange(1, 3000), k = *rc::gen::inRange(0, n + 1);
    const Interval i = wilson(k, n);
    const double p = static_cast<double>(k) / n;
    RC_ASSERT(0 <= i.lo && i.lo <= p && p <= i.hi && i.hi <= 1);
  }));
  CHECK(rc::check("McNemar is symmetric and a probability", [] {
    const int b = *rc::gen::inRange(0, 60), c = *rc::gen::inRange(0, 60);
    RC_ASSERT(mcnemar_p(b, c) == mcnemar_p(c, b));
    RC_ASSERT(mcnemar_p(b, c) >= 0 && mcnemar_p(b, c) <= 1);
  }));
}

TEST_CASE("binomial tails and exact intervals by hand") {
  CHECK(binomial_tail(3, 35, 0.005) == Approx(7.257909e-4).epsilon(1e-6));
  CHECK(binomial_tail(1, 2, 0.5) == Approx(0.75).epsilon(1e-14));
  CHECK(binomial_tail(2, 2, 0.5) == Approx(0.25).epsilon(1e-14));
  CHECK(binomial_tail(0, 10, 0.1) == 1);
  CHECK(binomial_tail(-3, 10, 0.1) == 1);
  CHECK(binomial_tail(1, 10, 0) == 0);
  CHECK(binomial_tail(11, 10, 0.5) == 0);
  CHECK(binomial_tail(10, 10, 1) == 1);
  CHECK(mcnemar_exact_p(30, 0) == Approx(std::exp2(-29)).epsilon(1e-10));
  CHECK(mcnemar_exact_p(0, 0) == 1);
  CHECK(mcnemar_exact_p(7, 7) == 1);
  CHECK(poisson_interval(0).lo == 0);
  CHECK(poisson_interval(0).hi == Approx(-std::log(0.025)).epsilon(1e-12));
  CHECK(poisson_interval(10).lo == Approx(4.795389).epsilon(1e-6));  // published tables: 4.80, 18.39
  CHECK(poisson_interval(10).hi == Approx(18.390356).epsilon(1e-6));
}
