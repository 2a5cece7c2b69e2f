// The real agent on a board that is this process: its port reads and writes two queues of bytes.
//
// The model has one int8 input of 600 bytes and outputs of 300 and 4 bytes; what it computes depends on every
// input byte, so a wrong byte anywhere shows. One board at a time: the agent has one state.
//
// With `inside`, the firmware uses everything that assay.h offers: a second, streaming model "hops" that sums
// int32 values of kHopCount hops, names and taps its operators; two spans; both models are observed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace assay::sim {

constexpr size_t kInputBytes = 600, kOutputBytes = 300, kSumBytes = 4;
constexpr int kOps = 11;
constexpr size_t kHopValues = 4, kHopCount = 3, kTapRoom = 200;
constexpr int kHopOps = 9;  // op 0: the hop as it came; op 1: a tensor of kTapRoom + 1 bytes; op 2: no tap

struct BoardOptions {
  uint32_t boot_id = 0x1000;
  bool reset_changes_boot_id = true;
  uint32_t window = 2048;
  bool inside = false;
  // The firmware declares one model whose only input is wrong in this way, or that the host may not run.
  enum class Broken { kNothing, kNoData, kMisaligned, kTooFewBytes, kNoRun } broken = Broken::kNothing;
  uint8_t reset_cause = 0;
  uint32_t tick_step = 40'000'000;  // how far the counter goes from one reading to the next
};

class SimulatedBoard {
 public:
  explicit SimulatedBoard(BoardOptions options = {});

  // What the line delivers to the board; the agent is polled at once.
  void receive(std::span<const uint8_t> bytes);
  // What the board sent since the last call.
  std::vector<uint8_t> take_sent();
  // Power fails between two runs: everything in RAM is lost.
  void reset();
  // To be called from inside a run (before_run): the board dies there and is reset; nothing more of the run
  // is seen.
  static void die();

  int executions() const;  // runs since construction, over resets
  void fail_next_run(int code);
  void before_run(std::function<void()> call);  // called inside every run
  void tick_step(uint32_t step);
  static std::vector<uint8_t> expected_output(std::span<const uint8_t> input);
  static std::vector<uint8_t> expected_sum(std::span<const uint8_t> input);
};

}  // namespace assay::sim
