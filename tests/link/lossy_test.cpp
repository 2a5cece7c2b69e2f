// The rules of the protocol under fire: frames lost, doubled, damaged and reordered, boards reset in the
// middle. Whatever happens, an answer is right or an error, a request is executed at most once, and nothing
// waits for ever.
#include <time.h>

#include <random>

#include "catch.h"
#include "link/lossy_stream.h"
#include "link/session.h"
#include "link/simulated_board.h"

using namespace assay;
using namespace std::chrono_literals;

namespace {

struct Tally {
  int sessions = 0, right = 0, wrong = 0, errors = 0, doubled = 0, slow = 0;
  int64_t retries = 0, rejected = 0;
};

link::LinkOptions quick() {
  link::LinkOptions options;
  options.retry_first = 1ms;
  options.line_bytes_per_ms = 1000;
  options.rto_min = 1ms;
  options.poll_first = 2ms;
  return options;
}

// ASSAY_SOAK multiplies what the test run does.
uint32_t sessions_asked(uint32_t normal) {
  const char* factor = getenv("ASSAY_SOAK");
  return normal * static_cast<uint32_t>(factor ? std::max(1, atoi(factor)) : 1);
}

// What this thread computed. With the waits it asked for it is the time of an inference on an idle machine: a
// machine that is busy or stands still makes no host slow.
std::chrono::nanoseconds computed() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

void run_session(uint32_t seed, const sim::Faults& faults, bool telling_boot_id, Tally& tally) {
  sim::SimulatedBoard board({.reset_changes_boot_id = telling_boot_id});
  std::mt19937 random(seed);
  std::chrono::nanoseconds waited{};
  auto session = link::Session::connect(sim::lossy_stream(board, faults, seed, &waited), quick());
  ++tally.sessions;
  if (!session) {
    ++tally.errors;
    return;
  }
  for (int i = 0; i < 4; ++i) {
    std::vector<uint8_t> input(sim::kInputBytes);
    for (auto& byte : input) byte = static_cast<uint8_t>(random());
    const std::span<const uint8_t> inputs[] = {input};
    const int before = board.executions();
    const auto begin = computed() + waited;
    auto inference = session->infer(0, inputs, {.timeout = 300ms});
    if (computed() + waited - begin > 3s) ++tally.slow;
    const int executed = board.executions() - before;
    if (executed > 1) ++tally.doubled;
    if (!inference) {
      ++tally.errors;
      break;
    }
    const bool right = inference->outputs[0] == sim::SimulatedBoard::expected_output(input) &&
                       inference->outputs[1] == sim::SimulatedBoard::expected_sum(input) && executed == 1 &&
                       inference->run.runs == 1 && inference->run.ticks == 40'000'000;
    ++(right ? tally.right : tally.wrong);
  }
  tally.retries += session->stats().retries;
  tally.rejected += session->stats().crc_errors;
}

}  // namespace

TEST_CASE("lossy line: no wrong result, no double execution, no hang") {
  const uint32_t sessions = sessions_asked(120);
  Tally tally;
  std::mt19937 random(20);
  for (uint32_t seed = 1; seed <= sessions; ++seed) {
    const double level = std::uniform_real_distribution<>(0, 0.12)(random);
    const sim::Faults faults{.drop = level,
                             .duplicate = level,
                             .flip = level,
                             .lose_byte = level / 2,
                             .reorder = level,
                             .noise = level};
    run_session(seed, faults, true, tally);
  }
  CHECK(tally.wrong == 0);
  CHECK(tally.doubled == 0);
  CHECK(tally.slow == 0);
  CHECK(tally.right > static_cast<int>(3 * sessions));  // the line is bad, not useless
  CHECK(tally.retries > 3 * sessions);                  // and bad it is
  CHECK(tally.rejected > sessions);
}

TEST_CASE("boards that reset at random: every sample is right or reported, none runs twice") {
  const uint32_t sessions = sessions_asked(200);
  Tally tally;
  for (uint32_t seed = 1; seed <= sessions; ++seed) {
    const sim::Faults faults{
        .drop = 0.03, .duplicate = 0.03, .flip = 0.03, .reorder = 0.03, .reset = 0.02, .reset_in_run = 0.1};
    run_session(seed, faults, seed % 2 == 0, tally);
  }
  CHECK(tally.wrong == 0);
  CHECK(tally.doubled == 0);
  CHECK(tally.slow == 0);
  CHECK(tally.errors > static_cast<int>(sessions / 4));
  CHECK(tally.right > static_cast<int>(sessions / 2));
}
