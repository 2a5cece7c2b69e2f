#include "metric/classification.h"

#include <rapidcheck.h>
#include <cmath>
#include <numeric>

#include "catch.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

TEST_CASE("argmax: ties to the lowest index, NaN never wins") {
  const auto top = [](std::vector<double> row) { return decide(row).top; };
  CHECK(top({1, 3, 2}) == 1);
  CHECK(top({3, 1, 3}) == 0);
  CHECK(decide(std::vector<double>{3, 1, 3}).tie);
  CHECK_FALSE(decide(std::vector<double>{1, 1, 3}).tie);
  CHECK(top({NAN, -5, -7}) == 1);
  CHECK(top({NAN, NAN}) == -1);
  CHECK(top({}) == -1);
  CHECK(decide(std::vector<double>{0.5, 0.125, 0.25}).margin == 0.25);
  CHECK(decide(std::vector<double>{0.125, 0.25, 0.5}).margin == 0.25);
  CHECK(decide(std::vector<double>{INFINITY, 1}).margin == 0);
  CHECK(decide(std::vector<double>{7}).margin == 0);
  const auto decisions = decide_rows(int8_rows({{-128, 0, 0}, {127, -128, -1}}));
  CHECK(decisions.top == std::vector<int>{1, 0});
  CHECK(decisions.ties == 1);
  CHECK(decisions.margin[1] == 0.5);
}

TEST_CASE("class rows, flips and confusion of six samples") {
  const std::vector<int> y = {0, 0, 0, 1, 1, 2}, r = {0, 0, 1, 1, 0, 0}, d = {0, 1, 0, 1, 0, 1};
  const FlipCounts flips = count_flips(y, r, d);
  CHECK(flips.broken == 1);
  CHECK(flips.fixed == 1);
  CHECK(flips.both_wrong == 1);
  const auto rows = class_rows(y, r, d, {"a", "b", "c", "none"});
  CHECK(rows[0].support == 3);
  CHECK(*rows[0].recall_reference == Approx(2.0 / 3));
  CHECK(*rows[0].delta == 0);
  CHECK(*rows[2].recall_device == 0);
  CHECK_FALSE(rows[3].recall_device);
  CHECK_FALSE(rows[3].p_holm);
  CHECK(worst_class(rows) == -1);  // none has 30
  CHECK(confusion(y, d, 3) == std::vector<std::vector<int64_t>>{{2, 1, 0}, {1, 1, 0}, {0, 1, 0}});
  CHECK(balanced_accuracy(y, d, 4) == Approx((2.0 / 3 + 0.5 + 0) / 3));
  const auto figure = accuracy_figure(y, d, "emulated");
  CHECK(figure.value == 0.5);
  CHECK(*figure.n == 6);
}

TEST_CASE("the worst class needs a support of 30") {
  std::vector<int> y(30, 0), r(30, 0), d(30, 0);
  d[0] = 1;  // class 0: 1 of 30 lost
  y.insert(y.end(), 29, 1), r.insert(r.end(), 29, 1),
      d.insert(d.end(), 29, 0);  // class 1: all lost, 29 samples
  const auto rows = class_rows(y, r, d, {"a", "b"});
  CHECK(worst_class(rows) == 0);
  CHECK(*rows[0].delta == Approx(-1.0 / 30));
  CHECK_FALSE(rows[1].sufficient);
  CHECK(*rows[1].p_holm < 1e-6);
}

TEST_CASE("counts of any answers are consistent") {
  CHECK(rc::check("sums", [] {
    const auto n = *rc::gen::inRange<size_t>(1, 80);
    const auto side = [&] { return *rc::gen::container<std::vector<int>>(n, rc::gen::inRange(0, 5)); };
    const auto y = side(), r = side(), d = side();
    const FlipCounts flips = count_flips(y, r, d);
    RC_ASSERT(hits(y, d) - hits(y, r) == flips.fixed - flips.broken);
    RC_ASSERT(static_cast<int64_t>(n) - hits(r, d) == flips.broken + flips.fixed + flips.both_wrong);
    int64_t cells = 0, diagonal = 0;
    const auto counts = confusion(y, d, 5);
    for (size_t c = 0; c < 5; ++c) {
      cells += std::accumulate(counts[c].begin(), counts[c].end(), int64_t{0});
      diagonal += counts[c][c];
    }
    RC_ASSERT(cells == static_cast<int64_t>(n));
    RC_ASSERT(diagonal == hits(y, d));
    int64_t support = 0;
    for (const auto& row : class_rows(y, r, d, {"0", "1", "2", "3", "4"})) support += row.support;
    RC_ASSERT(support == static_cast<int64_t>(n));
  }));
}
