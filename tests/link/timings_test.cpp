// Spans and observed inferences: what the agent counts, and what the host reads.
#include "assay.h"
#include "catch.h"
#include "link/lossy_stream.h"
#include "link/session.h"
#include "link/simulated_board.h"

using namespace assay;
using namespace std::chrono_literals;
using link::TimingOf;
using sim::SimulatedBoard;

namespace {

constexpr uint32_t kHops = 1;

link::Session connect(SimulatedBoard& board) {
  link::LinkOptions options;
  options.retry_first = 2ms;
  options.line_bytes_per_ms = 1000;
  auto session = link::Session::connect(sim::lossy_stream(board), options);
  if (!session) FAIL(session.error().text());
  return std::move(*session);
}

// The application infers by itself; one counter reading apart.
void observe(SimulatedBoard& board, uint32_t ticks, uint8_t model = kHops) {
  board.tick_step(ticks);
  assay_observe_begin(model);
  assay_observe_end(model);
}

std::vector<link::Timing> timings(link::Session& session, TimingOf of) {
  auto all = session.timings(of);
  if (!all) FAIL(all.error().text());
  return *all;
}

}  // namespace

TEST_CASE("observed inferences: count, extremes, sum and percentiles to the stated resolution") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  for (uint32_t i = 1; i <= 100; ++i) observe(board, 100 * i);
  const auto all = timings(session, TimingOf::kModel);
  REQUIRE(all.size() == 2);
  CHECK(all[0].count == 0);
  CHECK(all[0].name == "mixer");
  CHECK(all[0].bins.empty());
  const link::Timing& hops = all[kHops];
  CHECK(hops.name == "hops");
  CHECK(hops.count == 100);
  CHECK(hops.ticks_min == 100);
  CHECK(hops.ticks_max == 10'000);
  CHECK(hops.ticks == 505'000);
  CHECK(hops.deadline_ticks == 1000);
  CHECK(hops.misses == 90);
  uint64_t counted = 0;
  for (const uint64_t count : hops.bins) counted += count;
  CHECK(counted == 100);
  for (const int percent : {10, 50, 95, 99}) {
    const auto at = hops.percentile(percent / 100.0);
    REQUIRE(at);
    const double exact = percent * 100.0;
    CHECK(static_cast<double>(*at) >= exact);
    CHECK(static_cast<double>(*at) <= exact * (1 + link::kBinResolution));
  }
  CHECK(hops.percentile(1.0) == 10'000u);
  CHECK(hops.percentile(0.0) >= 100u);
}

TEST_CASE("a sum over hours passes 32 bits, and so does one inference that outlasts the counter") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  for (int i = 0; i < 50; ++i) observe(board, 4'000'000'000u);
  CHECK(timings(session, TimingOf::kModel)[kHops].ticks == 200'000'000'000ull);
  // One that takes three readings of 3e9: the counter wraps twice inside it, and polls see that.
  board.tick_step(3'000'000'000u);
  assay_observe_begin(kHops);
  assay_poll();
  assay_poll();
  assay_observe_end(kHops);
  const auto hops = timings(session, TimingOf::kModel)[kHops];
  CHECK(hops.ticks_max == 9'000'000'000ull);
  CHECK(hops.bins.back() == 51);  // all above the last bin's begin
  CHECK(hops.percentile(0.5) == 9'000'000'000ull);
}

TEST_CASE("spans nest and cross, a begin alone counts nothing, a second one starts anew") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  board.tick_step(1000);
  assay_span_begin(0);
  assay_span_begin(1);
  assay_span_end(0);
  assay_span_end(1);
  assay_span_begin(1);
  assay_span_begin(1);
  assay_span_end(1);
  assay_span_end(1);    // an end alone
  assay_span_begin(7);  // no such span
  assay_span_end(7);
  assay_span_begin(0);  // open when the host asks
  const auto spans = timings(session, TimingOf::kSpan);
  REQUIRE(spans.size() == 2);
  CHECK(spans[0].name == "capture");
  CHECK(spans[0].count == 1);
  CHECK(spans[0].ticks == 2000);
  CHECK(spans[1].name == "post");
  CHECK(spans[1].count == 2);
  CHECK(spans[1].ticks_max == 2000);
  CHECK(spans[1].ticks_min == 1000);
  CHECK(spans[1].misses == 0);
  CHECK_FALSE(spans[1].percentile(0.5));
}

TEST_CASE("the host sets a deadline and starts counting anew") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  REQUIRE(session.set_deadline(TimingOf::kModel, kHops, 500));
  REQUIRE(session.set_deadline(TimingOf::kSpan, 0, 7));
  observe(board, 500);
  observe(board, 501);
  CHECK(timings(session, TimingOf::kModel)[kHops].misses == 1);
  CHECK(timings(session, TimingOf::kSpan)[0].deadline_ticks == 7);
  board.tick_step(100);
  assay_observe_begin(kHops);
  REQUIRE(session.clear_timings());
  assay_observe_end(kHops);  // began before: counts nowhere
  const auto cleared = timings(session, TimingOf::kModel)[kHops];
  CHECK(cleared.count == 0);
  CHECK(cleared.ticks_max == 0);
  CHECK(cleared.deadline_ticks == 500);
  observe(board, 300);
  const auto after = timings(session, TimingOf::kModel)[kHops];
  CHECK(after.count == 1);
  CHECK(after.ticks_min == 300);
  CHECK(after.percentile(0.5) == 300u);
  const auto none = session.set_deadline(TimingOf::kModel, 9, 1);
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("NOT_FOUND") != std::string::npos);
}

TEST_CASE("firmware without spans and observation says so") {
  SimulatedBoard board;
  auto session = connect(board);
  for (const TimingOf of : {TimingOf::kSpan, TimingOf::kModel}) {
    const auto none = session.timings(of);
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("ABSENT") != std::string::npos);
  }
}

TEST_CASE("a host's own inferences do not count as the application's") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  const std::vector<uint8_t> sample(sim::kHopCount * sim::kHopValues * 4, 1);
  const std::span<const uint8_t> inputs[] = {sample};
  REQUIRE(session.infer(kHops, inputs));
  CHECK(timings(session, TimingOf::kModel)[kHops].count == 0);
}
