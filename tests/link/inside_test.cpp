// What only the user's own firmware has: several models, a streaming one, names and taps of operators.
#include <cstring>

#include "assay.h"
#include "bad_input_record.h"
#include "catch.h"
#include "link/lossy_stream.h"
#include "link/session.h"
#include "link/simulated_board.h"

using namespace assay;
using namespace std::chrono_literals;
using sim::SimulatedBoard;

namespace {

constexpr uint32_t kMixer = 0, kHops = 1;

link::LinkOptions quick() {
  link::LinkOptions options;
  options.retry_first = 2ms;
  options.line_bytes_per_ms = 1000;
  options.rto_min = 2ms;
  options.poll_first = 5ms;
  return options;
}

link::Session connect(SimulatedBoard& board, sim::Faults faults = {}) {
  auto session = link::Session::connect(sim::lossy_stream(board, faults), quick());
  if (!session) FAIL(session.error().text());
  return std::move(*session);
}

std::vector<uint8_t> bytes_of(const std::vector<int32_t>& values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(int32_t));
  memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// Values of `hops` hops: first, first + 1, ...
std::vector<uint8_t> sample(int32_t first, size_t hops) {
  std::vector<int32_t> values(hops * sim::kHopValues);
  for (auto& value : values) value = first++;
  return bytes_of(values);
}

Result<link::Inference> infer(link::Session& session, const std::vector<uint8_t>& input,
                              uint32_t model = kHops) {
  const std::span<const uint8_t> inputs[] = {input};
  return session.infer(model, inputs);
}

int32_t sum_of(const link::Inference& inference) {
  int32_t sum = 0;
  REQUIRE(inference.outputs.at(0).size() == sizeof sum);
  memcpy(&sum, inference.outputs[0].data(), sizeof sum);
  return sum;
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : result.error().code;
}

}  // namespace

TEST_CASE("BOARD says which of the optional features the firmware links") {
  SimulatedBoard plain;
  CHECK_FALSE(connect(plain).board().has_taps);
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  CHECK(session.board().has_spans);
  CHECK(session.board().has_taps);
  CHECK(session.board().has_observe);
  CHECK(session.board().model_count == 2);
}

TEST_CASE("several models of one firmware are addressed by index and do not mix") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  const auto models = session.models();
  REQUIRE(models);
  REQUIRE(models->size() == 2);
  CHECK(models->at(kHops).name == "hops");
  CHECK(models->at(kHops).inputs.at(0).type == ElementType::kInt32);
  const std::vector<uint8_t> mixer_input(sim::kInputBytes, 9);
  for (int i = 0; i < 3; ++i) {
    const auto summed = infer(session, sample(i, sim::kHopCount));
    REQUIRE(summed);
    CHECK(sum_of(*summed) == 66 + 12 * i);
    const auto mixed = infer(session, mixer_input, kMixer);
    REQUIRE(mixed);
    CHECK(mixed->outputs.at(0) == SimulatedBoard::expected_output(mixer_input));
  }
  CHECK(code_of(infer(session, mixer_input, 2)) == "link.refused");
}

TEST_CASE("a streaming sample goes as hops, from a reset state, also on a bad line") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board, {.drop = 0.05, .flip = 0.05});
  for (int i = 0; i < 5; ++i) {
    const int before = board.executions();
    const auto summed = infer(session, sample(10, sim::kHopCount));
    if (!summed) FAIL(summed.error().text());
    CHECK(board.executions() - before == sim::kHopCount);
    CHECK(summed->run.runs == sim::kHopCount);
    CHECK(summed->run.ticks == sim::kHopCount * 40'000'000ull);  // one reading apart, each hop
    CHECK(sum_of(*summed) == 186);  // 10 + ... + 21: nothing of an earlier sample
  }
}

TEST_CASE("a streaming sample that is too short is named, and the next one starts afresh") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  for (const size_t hops : {size_t{1}, size_t{2}}) {
    const auto starved = infer(session, sample(1, hops));
    CHECK(code_of(starved) == "link.needs_input");
  }
  const auto whole = infer(session, sample(0, sim::kHopCount));
  REQUIRE(whole);
  CHECK(sum_of(*whole) == 66);
  auto odd = sample(0, 2);
  odd.pop_back();
  CHECK(code_of(infer(session, odd)) == "link.limit");
}

TEST_CASE("names of operators come in pages, cut to what travels, absent ones empty") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  const auto names = session.op_names(kHops);
  REQUIRE(names);
  const std::string cut = "a name that is longer than the forty-seven char";
  CHECK(*names == std::vector<std::string>{"copy", "large", "", "", cut, cut, cut, cut, "last"});
  const auto none = session.op_names(kMixer);
  REQUIRE(none);
  CHECK(none->empty());
  CHECK(code_of(session.op_names(2)) == "link.refused");
}

TEST_CASE("a tap copies the selected operator's output of the run that is asked for") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board, {.drop = 0.05});
  const auto room = session.select_tap(kHops, 0);
  REQUIRE(room);
  CHECK(*room == sim::kTapRoom);
  const auto first = infer(session, sample(5, sim::kHopCount));
  REQUIRE(first);
  const auto tensor = session.read_tap(first->run.generation);
  if (!tensor) FAIL(tensor.error().text());
  CHECK(*tensor == bytes_of({13, 14, 15, 16}));  // of the last hop
  const auto again = session.read_tap();
  REQUIRE(again);
  CHECK(*again == *tensor);
  REQUIRE(infer(session, sample(6, sim::kHopCount)));
  CHECK(code_of(session.read_tap(first->run.generation)) == "link.tap_stale");
  REQUIRE(session.clear_tap());
  CHECK(code_of(session.read_tap()) == "link.refused");
}

TEST_CASE("each way a tap can fail has its own code and remedy") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  REQUIRE(session.select_tap(kHops, 2));  // the firmware taps no operator 2
  REQUIRE(infer(session, sample(0, sim::kHopCount)));
  CHECK(code_of(session.read_tap()) == "link.tap_missed");
  const uint8_t bytes[] = {1, 2, 3};
  assay_tap(2, bytes, sizeof bytes);  // the application, by itself
  CHECK(code_of(session.read_tap()) == "link.tap_outside");
  REQUIRE(session.select_tap(kHops, 1));
  CHECK(code_of(session.read_tap()) == "link.tap_missed");  // nothing ran since
  REQUIRE(infer(session, sample(0, sim::kHopCount)));
  const auto large = session.read_tap();
  REQUIRE_FALSE(large);
  CHECK(large.error().code == "link.tap_too_large");
  CHECK(large.error().message.find("201 bytes, the firmware's tap buffer holds 200") != std::string::npos);
  REQUIRE(session.select_tap(kHops, 0));
  REQUIRE(infer(session, std::vector<uint8_t>(sim::kInputBytes, 1), kMixer));
  CHECK(code_of(session.read_tap()) == "link.tap_missed");  // another model ran
  CHECK(code_of(session.select_tap(kHops, sim::kHopOps)) == "link.refused");
  SimulatedBoard plain;
  auto bare = connect(plain);
  CHECK(code_of(bare.select_tap(0, 0)) == "link.no_taps");
}

TEST_CASE("an engine that fails in a hop is named, and the session goes on") {
  SimulatedBoard board({.inside = true});
  auto session = connect(board);
  board.fail_next_run(-7);
  const auto failed = infer(session, sample(0, sim::kHopCount));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == "link.engine_error");
  CHECK(failed.error().message.find("code -7") != std::string::npos);
  const auto next = infer(session, sample(0, sim::kHopCount));
  REQUIRE(next);
  CHECK(sum_of(*next) == 66);
}

TEST_CASE("a board that was reset says why, also when the host learns of it from an error frame") {
  const struct {
    uint8_t cause;
    const char* word;
  } cases[] = {{1, "power"}, {3, "software"}, {4, "watchdog"}, {5, "fault"}, {200, "unknown"}};
  for (const auto& each : cases) {
    SimulatedBoard board({.reset_cause = each.cause});
    auto session = connect(board);
    board.reset();
    const auto lost = session.memory(0);
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == "link.target_reset");
    CHECK(lost.error().message.find(std::string("reset cause: ") + each.word) != std::string::npos);
  }
}

TEST_CASE("a reset in the middle of a run names its cause too") {
  SimulatedBoard board({.reset_changes_boot_id = false, .reset_cause = 4});
  auto session = connect(board, {.reset_in_run = 1});
  const auto lost = infer(session, std::vector<uint8_t>(sim::kInputBytes, 1), kMixer);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == "link.target_reset");
  CHECK(lost.error().message.find("watchdog") != std::string::npos);
}

TEST_CASE("a tensor that cannot be used is named with its remedy before anything runs") {
  using Broken = sim::BoardOptions::Broken;
  const struct {
    const char* name;
    Broken how;
    const char *words, *remedy;
  } cases[] = {
      {"a firmware's tensor without data", Broken::kNoData, "its pointer is NULL", "assay_tensor.data"},
      {"a firmware's tensor on an odd address", Broken::kMisaligned, "multiple of 4 bytes, as int32 needs",
       "_Alignas(4)"},
      {"a firmware's tensor of fewer bytes than its shape", Broken::kTooFewBytes,
       "int32 of shape 1x3 and 16 bytes, which do not agree: that shape takes 12", "dims"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    SimulatedBoard board({.broken = each.how});
    auto session = connect(board);
    const auto refused = session.models();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "link.bad_tensor");
    CHECK_THAT(refused.error().message, Catch::Contains("tensor 'hop' of model 0, input 0"));
    CHECK_THAT(refused.error().message, Catch::Contains(each.words));
    CHECK_THAT(refused.error().remedy, Catch::Contains(each.remedy));
    tests::record_bad_input("wire", each.name, refused.error());
    // A host that asks no questions reaches no such memory either.
    CHECK((each.how == Broken::kTooFewBytes || !session.upload(0, 0, sample(0, 1))));
    CHECK(board.executions() == 0);
  }
}

TEST_CASE("a model that only the application runs can be looked at, not run") {
  SimulatedBoard board({.broken = sim::BoardOptions::Broken::kNoRun});
  auto session = connect(board);
  const auto models = session.models();
  REQUIRE(models);
  CHECK(models->at(0).application_runs);
  const auto refused = infer(session, sample(0, sim::kHopCount), 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "link.application_runs");
  tests::record_bad_input("wire", "inference on a model that only the application runs", refused.error());
  const auto forced = session.invoke(0);
  REQUIRE_FALSE(forced);
  CHECK(forced.error().message.find("ABSENT") != std::string::npos);
}
