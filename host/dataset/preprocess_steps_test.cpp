// Numbers that can be checked by eye.
#include "dataset/preprocess_steps.h"

#include <catch.h>

namespace assay::dataset {
namespace {

using Dims = std::vector<int64_t>;
using Values = std::vector<double>;

void check(const Result<Tensor>& out, const Dims& dims, const Values& values) {
  if (!out) FAIL(out.error().text());
  CHECK(out->dims == dims);
  REQUIRE(out->values.size() == values.size());
  for (size_t i = 0; i < values.size(); ++i) CHECK(out->values[i] == Approx(values[i]));
}
void check_refused(const Result<Tensor>& out, const std::string& part) {
  REQUIRE_FALSE(out);
  CHECK(out.error().code == "dataset.preprocess");
  CHECK_THAT(out.error().text(), Catch::Contains(part));
}

}  // namespace

TEST_CASE("scale: (value - zero_point) * scale") {
  check(scale_values({{2, 2}, {0, 128, 255, 64}}, 1.0 / 128, 128), {2, 2}, {-1, 0, 127.0 / 128, -0.5});
}

TEST_CASE("normalise: one pair for all, or one per channel") {
  check(normalise({{2, 2}, {1, 10, 3, 30}}, Values{1, 20}, Values{2, 10}), {2, 2}, {0, -1, 1, 1});
  check(normalise({{3}, {1, 2, 3}}, Values{2}, Values{0.5}), {3}, {-2, 0, 2});
  check_refused(normalise({{2, 2}, {1, 2, 3, 4}}, Values{1, 2, 3}, Values{1}),
                "3 values for 2 channels of 2x2");
  check_refused(normalise({{1}, {1}}, Values{1}, Values{0}), "not above 0");
}

TEST_CASE("layout: channels last to channels first, and back") {
  // Two pixels of RGB in a row.
  const Tensor pixels{{1, 2, 3}, {1, 2, 3, 4, 5, 6}};
  const auto planes = to_nchw(pixels);
  check(planes, {3, 1, 2}, {1, 4, 2, 5, 3, 6});
  check(to_nhwc(*planes), pixels.dims, pixels.values);
  // Not square, so that rows and columns cannot be mistaken.
  check(to_nhwc({{2, 2, 1}, {1, 2, 3, 4}}), {2, 1, 2}, {1, 3, 2, 4});
  check_refused(to_nchw({{4, 2}, {}}), "the sample is 4x2");
}

TEST_CASE("channels: reordered, repeated, left out") {
  check(pick_channels({{2, 3}, {1, 2, 3, 4, 5, 6}}, Dims{2, 1, 0}), {2, 3}, {3, 2, 1, 6, 5, 4});
  check(pick_channels({{2, 3}, {1, 2, 3, 4, 5, 6}}, Dims{1}), {2, 1}, {2, 5});
  check_refused(pick_channels({{2, 3}, {1, 2, 3, 4, 5, 6}}, Dims{3}), "no channel 3");
}

TEST_CASE("resize, nearest: the input pixel under the output pixel's centre") {
  const Tensor row{{1, 4, 1}, {10, 20, 30, 40}};
  check(resize(row, 1, 2, Resizing::kNearest), {1, 2, 1}, {20, 40});  // centres at 1.0 and 3.0
  check(resize(row, 1, 8, Resizing::kNearest), {1, 8, 1}, {10, 10, 20, 20, 30, 30, 40, 40});
  check(resize({{2, 2, 1}, {1, 2, 3, 4}}, 1, 1, Resizing::kNearest), {1, 1, 1}, {4});
  check(resize({{2, 1, 2}, {1, 2, 3, 4}}, 4, 1, Resizing::kNearest), {4, 1, 2}, {1, 2, 1, 2, 3, 4, 3, 4});
}

TEST_CASE("resize, bilinear: half-pixel centres, borders repeated") {
  // Twice as wide: centres at -0.25, 0.25, 0.75, 1.25 of the input.
  check(resize({{1, 2, 1}, {10, 20}}, 1, 4, Resizing::kBilinear), {1, 4, 1}, {10, 12.5, 17.5, 20});
  // Half as wide: centres at 0.5 and 2.5.
  check(resize({{1, 4, 1}, {10, 20, 30, 40}}, 1, 2, Resizing::kBilinear), {1, 2, 1}, {15, 35});
  check(resize({{2, 2, 1}, {0, 4, 8, 12}}, 1, 1, Resizing::kBilinear), {1, 1, 1}, {6});
  check(resize({{1, 2, 2}, {0, 100, 10, 200}}, 1, 1, Resizing::kBilinear), {1, 1, 2}, {5, 150});
  // The same size is the same picture.
  check(resize({{2, 3, 1}, {1, 2, 3, 4, 5, 6}}, 2, 3, Resizing::kBilinear), {2, 3, 1}, {1, 2, 3, 4, 5, 6});
}

TEST_CASE("crop: from a corner, or centred with the odd pixel left over at the end") {
  const Tensor picture{{3, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  check(crop(picture, 1, 2, 2, 2), {2, 2, 1}, {7, 8, 11, 12});
  check(crop(picture, -1, -1, 1, 2), {1, 2, 1}, {6, 7});
  check(crop(picture, -1, -1, 2, 3), {2, 3, 1}, {1, 2, 3, 5, 6, 7});
  check_refused(crop(picture, 2, 0, 2, 2), "leaves the picture of 3x4x1");
  check_refused(crop(picture, -1, -1, 4, 2), "leaves the picture");
}

TEST_CASE("window: some rows") {
  check(rows_of_window({{3, 2}, {1, 2, 3, 4, 5, 6}}, 1, 2), {2, 2}, {3, 4, 5, 6});
  check(rows_of_window({{4}, {1, 2, 3, 4}}, 0, 2), {2}, {1, 2});
  check_refused(rows_of_window({{3, 2}, {1, 2, 3, 4, 5, 6}}, 2, 2), "leaves the recording of 3x2");
}

TEST_CASE("mono: the mean of the channels") {
  check(mono({{2, 2}, {1, 3, -4, 5}}), {2, 1}, {2, 0.5});
  check_refused(mono({{2, 2, 1}, {1, 2, 3, 4}}), "rows x channels");
}

TEST_CASE("reshape: as many values") {
  check(reshape({{6}, {1, 2, 3, 4, 5, 6}}, Dims{2, 3}), {2, 3}, {1, 2, 3, 4, 5, 6});
  check_refused(reshape({{6}, {1, 2, 3, 4, 5, 6}}, Dims{2, 2}), "has 6 values, no 2x2");
  check_refused(reshape({{6}, {1, 2, 3, 4, 5, 6}}, Dims{-2, -3}), "no -2x-3");
}

}  // namespace assay::dataset
