#include "report/html_preview.h"

#include <catch.h>

#include "report/svg.h"

namespace assay::report {
namespace {

// A second of silence with one click, which every 10th or 160th sample misses.
std::vector<float> click() {
  std::vector<float> values(16000, 0.0F);
  values[5557] = 1;
  values[5558] = -1;
  return values;
}

}  // namespace

TEST_CASE("a waveform shows the least and the greatest of each of its parts") {
  const auto parts = extremes(click(), 1, 0, 100);
  REQUIRE(parts.size() == 100);
  CHECK(parts[34] == std::pair(-1.0F, 1.0F));
  CHECK(parts[33] == std::pair(0.0F, 0.0F));
  // Stereo: the second channel alone, fewer samples than parts.
  CHECK(extremes(std::vector<float>{1, -5, 2, -6}, 2, 1, 100) ==
        std::vector<std::pair<float, float>>{{-5.0F, -5.0F}, {-6.0F, -6.0F}});
  CHECK(extremes({}, 1, 0, 100).empty());
  // y 1 is the top of the box, 29 its bottom.
  CHECK_THAT(svg_waveform(click(), 1, 0, -1, 1, "t0"), Catch::Contains("L34.3 29.0V1.0"));
}

TEST_CASE("audio is previewed as a waveform, a series as a line through some samples") {
  View view;
  view.input = {.kind = "audio", .channels = {}, .dims = {16000, 1}, .rate_hz = 16000};
  view.previews.push_back({"a.wav", 0, click(), {}});
  CHECK_THAT(preview_cells(view, &view.previews[0]), Catch::Contains("L34.3 29.0V1.0"));
  view.input.kind = "series";
  CHECK_THAT(preview_cells(view, &view.previews[0]), !Catch::Contains("29.0"));
}

TEST_CASE("a picture is one when its last dimension is grey or RGB") {
  PreviewFormat format{.kind = "image", .channels = {}, .dims = {2, 2, 3}};
  CHECK_FALSE(preview_png(format, std::vector<float>(12, 0.5F)).empty());
  format.dims = {3, 2, 2};  // planes
  CHECK(preview_png(format, std::vector<float>(12, 0.5F)).empty());
}

}  // namespace assay::report
