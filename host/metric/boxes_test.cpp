#include "metric/boxes.h"

#include "catch.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

namespace {

const std::vector<std::string> kLayout = {"y0", "x0", "y1", "x1", "score", "class"};
Box box(double x0, double x1, double score, int64_t sample = 0, int label = 0) {
  return {.y0 = 0, .x0 = x0, .y1 = 1, .x1 = x1, .score = score, .label = label, .sample = sample};
}

}  // namespace

TEST_CASE("overlap is intersection over union") {
  CHECK(overlap(box(0, 2, 0), box(1, 3, 0)) == Approx(1.0 / 3));
  CHECK(overlap(box(0, 1, 0), box(0, 1, 0)) == 1);
  CHECK(overlap(box(0, 1, 0), box(1, 2, 0)) == 0);
  CHECK(overlap(box(1, 1, 0), box(1, 1, 0)) == 0);
}

TEST_CASE("boxes are read by their layout, padding and NaN are left out") {
  const auto rows =
      float_rows({{0, 0, 1, 1, 0.9f, 2, 0, 0, 0, 0, 0, 0}, {0, 0, 1, NAN, 0.9f, 1, 0, 0, 1, 2, 0.5f, 1}});
  int64_t nonfinite = 0;
  const auto boxes = boxes_of(rows, kLayout, 0, &nonfinite);
  REQUIRE(boxes.size() == 2);
  CHECK((boxes[0].label == 2 && boxes[0].sample == 0 && boxes[0].score == Approx(0.9)));
  CHECK((boxes[1].label == 1 && boxes[1].sample == 1 && boxes[1].x1 == 2));
  CHECK(nonfinite == 1);
  const auto other =
      boxes_of(float_rows({{7, 0.5f, 1, 2, 3, 4}}), {"class", "score", "x0", "y0", "x1", "y1"}, 0, nullptr);
  CHECK((other[0].label == 7 && other[0].x0 == 1 && other[0].y1 == 4));
}

TEST_CASE("average precision by hand: hit, miss, hit of three boxes of truth") {
  const std::vector<Box> truth = {box(0, 1, 0, 0), box(0, 1, 0, 1), box(0, 1, 0, 2)};
  const std::vector<Box> detections = {box(0, 1, 0.9, 0), box(5, 6, 0.8, 1), box(0, 1, 0.7, 1)};
  // precision 1, 1/2, 2/3 at recalls 1/3, 1/3, 2/3: 1/3 * 1 + 1/3 * 2/3
  CHECK(*average_precision(match(detections, truth, 0, 0.5)) == Approx(5.0 / 9));
  CHECK_FALSE(average_precision(match(detections, truth, 1, 0.5)));
  CHECK(*average_precision(match({}, truth, 0, 0.5)) == 0);
  // Sample 0 drawn twice, 1 never: two boxes of truth and two hits there, one box of sample 2 is missed.
  CHECK(*average_precision(match(detections, truth, 0, 0.5), std::vector<uint32_t>{2, 0, 1}) ==
        Approx(2.0 / 3));
}

TEST_CASE("a box of truth is taken once, by the better score") {
  const std::vector<Box> truth = {box(0, 1, 0)};
  const auto matched = match(std::vector<Box>{box(0, 1, 0.5), box(0, 0.9, 0.8)}, truth, 0, 0.5);
  REQUIRE(matched.detections.size() == 2);
  CHECK(matched.detections[0].hit);  // 0.8 comes first although 0.5 overlaps more
  CHECK_FALSE(matched.detections[1].hit);
}

TEST_CASE("shared boxes of two sides: class, sample and half of the area must agree") {
  const std::vector<Box> a = {box(0, 1, 0.9, 0, 0), box(0, 1, 0.9, 1, 0), box(4, 5, 0.9, 1, 1)};
  const std::vector<Box> b = {box(0, 1, 0.4, 0, 0), box(0, 1, 0.9, 1, 1), box(4.1, 5, 0.3, 1, 1)};
  CHECK(shared_boxes(a, b) == 2);
  CHECK(shared_boxes(a, a) == 3);
  CHECK(shared_boxes({}, b) == 0);
}
