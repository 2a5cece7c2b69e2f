#include "metric/stream_events.h"

#include "catch.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

namespace {

// One hop of 0.1 s for each letter: b background, w the word, o another word.
TensorRows hops(const std::string& letters) {
  std::vector<std::vector<float>> rows;
  for (char c : letters)
    rows.push_back({c == 'b' ? 0.9f : 0.05f, c == 'w' ? 0.9f : 0.05f, c == 'o' ? 0.9f : 0.05f});
  return float_rows(rows);
}
TaskSetup words(std::vector<TruthEvent> events) {
  TaskSetup setup;
  setup.hop_s = 0.1;
  setup.background = {0};
  setup.events = std::move(events);
  return setup;
}

}  // namespace

TEST_CASE("a word inside its event, or until a second after it, is found once") {
  const auto setup =
      words({{.label = 1, .start_s = 0.2, .end_s = 0.4}, {.label = 1, .start_s = 2, .end_s = 2.2}});
  const auto result = follow_stream(hops("bbbwwbbbbbbbbbwbbbbbbbbbbbbbbbbbbbbwb"), setup, 0);
  REQUIRE(result.delay_s.size() == 2);
  CHECK(*result.delay_s[0] == Approx(0.1));
  CHECK_FALSE(result.delay_s[1]);  // its word comes at 3.5 s, 1.3 s after the end
  REQUIRE(result.false_alarms_s.size() == 1);
  CHECK(result.false_alarms_s[0] == Approx(3.5));
  CHECK(result.hours == Approx(3.7 / 3600));
}

TEST_CASE("the wrong word, or a word before its event, is a false alarm, one a second") {
  const auto setup = words({{.label = 1, .start_s = 2, .end_s = 3}});
  const auto result = follow_stream(hops(std::string(21, 'o') + "ob"), setup, 0);
  // 0.0, 1.0 and 2.0 s: 22 hops in a row are debounced to three
  CHECK(result.false_alarms_s.size() == 3);
  CHECK_FALSE(result.delay_s[0]);
  auto no_debounce = setup;
  no_debounce.debounce_s = 0;
  CHECK(follow_stream(hops("oob"), no_debounce, 0).false_alarms_s.size() == 2);
}

TEST_CASE("smoothing needs several hops, the threshold a sure one, rows count from the whole stream") {
  auto setup = words({{.label = 1, .start_s = 1, .end_s = 2}});
  setup.smoothing = 3;
  setup.threshold = 0.6;
  const auto result = follow_stream(hops("bbwbbwwwb"), setup, 10);
  CHECK(result.false_alarms_s.empty());
  // w at 1.5, 1.6, 1.7 s; two of three average to 0.617
  CHECK(*result.delay_s[0] == Approx(0.6));
  setup.threshold = 0.95;
  CHECK_FALSE(follow_stream(hops("bbwbbwwwb"), setup, 10).delay_s[0]);
}

TEST_CASE("a hop with NaN detects nothing and is counted") {
  auto rows = hops("ww");
  const float nan = NAN;
  std::memcpy(rows.data.data(), &nan, 4);
  const auto result = follow_stream(rows, words({}), 0);
  CHECK(result.nonfinite_hops == 1);
  CHECK(result.false_alarms_s.size() == 1);
}
