// What the host sees of a board on a perfect line.
#include "link/session.h"

#include <unistd.h>

#include <cstring>
#include <numeric>

#include "assay.h"
#include "catch.h"
#include "link/frame.h"
#include "link/lossy_stream.h"
#include "link/simulated_board.h"

using namespace assay;
using namespace std::chrono_literals;
using sim::SimulatedBoard;

namespace {

link::LinkOptions quick() {
  link::LinkOptions options;
  options.retry_first = 2ms;
  options.line_bytes_per_ms = 1000;
  options.rto_min = 2ms;
  options.poll_first = 5ms;
  return options;
}

std::vector<uint8_t> sample(int seed) {
  std::vector<uint8_t> bytes(sim::kInputBytes);
  std::iota(bytes.begin(), bytes.end(), static_cast<uint8_t>(seed));
  return bytes;
}

}  // namespace

TEST_CASE("BOARD and the model are what the firmware declared") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  const auto& info = session->board();
  CHECK(info.board == "simulated");
  CHECK(info.build_id == "b1000000000000000000000000000000");
  CHECK(info.unit_id.empty());
  CHECK(info.boot_id == 0x1000);
  CHECK(info.mtu == 256);
  CHECK(info.window == 2048);
  CHECK(info.clock == link::ClockKind::kTimer);
  CHECK(info.has_ops);
  CHECK_FALSE(info.has_quiet);
  CHECK(info.same_schema);
  auto models = session->models();
  REQUIRE(models);
  REQUIRE(models->size() == 1);
  const auto& model = (*models)[0];
  CHECK(model.name == "mixer");
  CHECK(model.hash.size() == 64);
  CHECK(model.op_count == sim::kOps);
  CHECK(model.inputs[0].shape() == "1x600");
  CHECK(model.inputs[0].type == ElementType::kInt8);
  CHECK(model.inputs[0].scale == 0.5);
  CHECK(model.inputs[0].zero_point == -3);
  CHECK(model.outputs[0].zero_point == 128);
  CHECK(model.outputs[1].name.empty());
}

TEST_CASE("a sample costs one round trip and gives exact outputs") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  REQUIRE(session->models());
  const auto before = session->stats();
  const auto input = sample(7);
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session->infer(0, inputs);
  REQUIRE(inference);
  CHECK(inference->outputs[0] == SimulatedBoard::expected_output(input));
  CHECK(inference->outputs[1] == SimulatedBoard::expected_sum(input));
  CHECK(inference->run.runs == 1);
  CHECK(board.executions() == 1);
  // Open, three DATA, Invoke: all sent before the first answer was read.
  CHECK(session->stats().frames_sent - before.frames_sent == 5);
  CHECK(session->stats().retries == 0);
}

TEST_CASE("a window that is too small for one burst still gives exact outputs") {
  SimulatedBoard board({.window = 300});
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  const auto input = sample(9);
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session->infer(0, inputs);
  REQUIRE(inference);
  CHECK(inference->outputs[0] == SimulatedBoard::expected_output(input));
  CHECK(session->stats().retries == 0);
}

TEST_CASE("ticks are extended to 64 bits, per operator and over all runs") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  REQUIRE(session->upload(0, 0, sample(1)));
  auto result = session->invoke(0, {.count = 20, .ops = true});
  REQUIRE(result);
  CHECK(result->runs == 20);
  // 40 M ticks a reading; a run with hooks reads 2 per operator and one at its end.
  CHECK(result->ticks_min == (2 * sim::kOps + 1) * 40'000'000ull);
  CHECK(result->ticks == 20 * result->ticks_min);
  auto records = session->op_records();
  REQUIRE(records);
  REQUIRE(records->size() == sim::kOps);  // two pages
  for (const auto& record : *records) {
    CHECK(record.calls == 20);
    CHECK(record.ticks == 20 * 40'000'000ull);
  }
  auto plain = session->invoke(0, {.count = 2});
  REQUIRE(plain);
  CHECK(plain->ticks == 2 * 40'000'000ull);  // hooks off cost no reading
  auto output = session->download(0, 0, plain->generation);
  REQUIRE(output);
  CHECK(*output == SimulatedBoard::expected_output(sample(1)));
  auto stale = session->download(0, 0, result->generation);
  REQUIRE_FALSE(stale);
  CHECK(stale.error().message.find("STALE") != std::string::npos);
}

TEST_CASE("memory says what was measured and leaves out what was not") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  auto memory = session->memory(0);
  REQUIRE(memory);
  CHECK(memory->static_bytes == 1234u);
  CHECK(memory->arena_planned == 5000u);
  CHECK(memory->arena_touched == 4321u);
  CHECK_FALSE(memory->stack_touched);
  CHECK(memory->io_bytes == sim::kInputBytes + sim::kOutputBytes + sim::kSumBytes);
}

TEST_CASE("an engine that fails is an error with its code, and the next sample works") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  board.fail_next_run(-42);
  const auto input = sample(3);
  const std::span<const uint8_t> inputs[] = {input};
  auto failed = session->infer(0, inputs);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == "link.engine_error");
  CHECK(failed.error().message.find("-42") != std::string::npos);
  CHECK(session->infer(0, inputs));
}

TEST_CASE("a request out of bounds is refused with its reason") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  auto size = session->upload(0, 0, std::vector<uint8_t>(599));
  REQUIRE_FALSE(size);
  CHECK(size.error().code == "link.limit");
  auto model = session->invoke(5);
  REQUIRE_FALSE(model);
  CHECK(model.error().code == "link.refused");
  auto quiet = session->invoke(0, {.quiet = true});
  REQUIRE_FALSE(quiet);
  CHECK(quiet.error().message.find("ABSENT") != std::string::npos);
}

TEST_CASE("a reset is reported, whether or not the boot id tells") {
  for (const bool telling : {true, false}) {
    SimulatedBoard board({.reset_changes_boot_id = telling});
    auto session = link::Session::connect(sim::lossy_stream(board), quick());
    REQUIRE(session);
    REQUIRE(session->models());
    board.reset();
    const auto input = sample(3);
    const std::span<const uint8_t> inputs[] = {input};
    auto lost = session->infer(0, inputs);
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == "link.target_reset");
    CHECK(board.executions() == 0);
    CHECK_FALSE(session->memory(0));
    CHECK(session->stats().resets == 1);
  }
}

TEST_CASE("who only listens gets log lines between and during checks, and learns of a reset") {
  for (const bool telling : {true, false}) {
    SimulatedBoard board({.reset_changes_boot_id = telling});
    auto options = quick();
    std::vector<std::string> lines;
    options.log = [&](int, const std::string& text) { lines.push_back(text); };
    auto session = link::Session::connect(sim::lossy_stream(board), options);
    REQUIRE(session);
    assay_log(2, "heard by listen");
    REQUIRE(session->listen(Deadline::in(5ms)));
    CHECK(lines == std::vector<std::string>{"heard by listen"});
    assay_log(2, "heard by check");
    REQUIRE(session->check());
    CHECK(lines == std::vector<std::string>{"heard by listen", "heard by check"});
    REQUIRE(session->check());
    CHECK(session->models());  // the session still works
    board.reset();
    REQUIRE(session->listen(Deadline::in(5ms)));  // a board that was reset says nothing by itself
    auto lost = session->check();
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == "link.target_reset");
  }
}

TEST_CASE("a reset in the middle of a run aborts the sample: it is not run again") {
  for (const bool telling : {true, false}) {
    SimulatedBoard board({.reset_changes_boot_id = telling});
    auto session = link::Session::connect(sim::lossy_stream(board, {.reset_in_run = 1}), quick());
    REQUIRE(session);
    const auto input = sample(3);
    const std::span<const uint8_t> inputs[] = {input};
    auto lost = session->infer(0, inputs, {.timeout = 500ms});
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == "link.target_reset");
    CHECK(board.executions() == 1);
  }
}

TEST_CASE("the board restarts when asked, and a new session works") {
  SimulatedBoard board;
  auto session = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(session);
  REQUIRE(session->reset());
  CHECK_FALSE(session->memory(0));
  auto again = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(again);
  CHECK(again->board().boot_id == 0x1001);
}

TEST_CASE("a second host takes the board over and the first one learns of it") {
  SimulatedBoard board;
  auto first = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(first);
  auto second = link::Session::connect(sim::lossy_stream(board), quick());
  REQUIRE(second);
  auto lost = first->memory(0);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == "link.lost");
  CHECK(lost.error().message.find("another host") != std::string::npos);
  CHECK(second->memory(0));
}

namespace {

// Answers nothing, or always the same bytes.
class FixedStream : public link::ByteStream {
 public:
  explicit FixedStream(std::vector<uint8_t> answer) : answer_(std::move(answer)) {}
  Result<size_t> read(std::span<uint8_t> into, Deadline deadline) override {
    if (!asked_ || answer_.empty()) {
      while (!deadline.passed()) usleep(1000);
      return size_t{0};
    }
    asked_ = false;
    memcpy(into.data(), answer_.data(), answer_.size());
    return answer_.size();
  }
  Status write(std::span<const uint8_t>, Deadline) override { return asked_ = true, Status{}; }
  std::string name() const override { return "fixed"; }

 private:
  std::vector<uint8_t> answer_;
  bool asked_ = false;
};

}  // namespace

TEST_CASE("silence ends in link.no_answer in bounded time") {
  const auto begin = std::chrono::steady_clock::now();
  auto session = link::Session::connect(std::make_unique<FixedStream>(std::vector<uint8_t>{}), quick());
  REQUIRE_FALSE(session);
  CHECK(session.error().code == "link.no_answer");
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
}

TEST_CASE("an agent of another protocol version is named with both versions") {
  const link::Frame board{link::FrameKind::kBoard, 1, 0, 0, {0x08, 9}};
  auto session = link::Session::connect(std::make_unique<FixedStream>(link::encode_frame(board)), quick());
  REQUIRE_FALSE(session);
  CHECK(session.error().code == "link.protocol_version");
  CHECK(session.error().message.find("version 9, this program 1") != std::string::npos);
}

TEST_CASE("what the firmware logs arrives in order, what it logs inside a run is counted as dropped") {
  SimulatedBoard board;
  std::vector<std::string> lines;
  auto options = quick();
  options.log = [&](int level, const std::string& text) {
    lines.push_back(std::to_string(level) + " " + text);
  };
  auto session = link::Session::connect(sim::lossy_stream(board), options);
  REQUIRE(session);
  assay_log(1, "low battery");
  assay_log(2, "second");
  REQUIRE(session->memory(0));
  CHECK(lines == std::vector<std::string>{"1 low battery", "2 second"});
  CHECK(session->stats().dropped_events == 0);
  REQUIRE(session->upload(0, 0, sample(1)));
  REQUIRE(session->invoke(0, {.count = 3}));
  CHECK(session->stats().dropped_events == 3);
}
