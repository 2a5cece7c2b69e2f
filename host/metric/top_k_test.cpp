#include "metric/top_k.h"

#include <cmath>

#include "catch.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

TEST_CASE("the k highest, best first, ties go to the lowest index, NaN to none") {
  const auto top = top_k(float_rows({{1, 3, 2, 3}, {NAN, 1, NAN, NAN}, {0, 0, 0, 0}}), 2);
  CHECK(top.classes == std::vector<int>{1, 3, 1, -1, 0, 1});
  CHECK(top.rows() == 3);
  CHECK(top_k_hits(std::vector<int>{3, 1, 2}, top) == 2);
}

TEST_CASE("agreement of sets does not ask for their order") {
  const auto a = top_k(float_rows({{3, 2, 1}, {3, 2, 1}}), 2),
             b = top_k(float_rows({{2, 3, 1}, {1, 2, 3}}), 2);
  CHECK(set_agreement(a, b) == 0.75);  // {0,1}={0,1}; {0,1} and {2,1} share one
  CHECK(set_agreement(a, a) == 1);
}
