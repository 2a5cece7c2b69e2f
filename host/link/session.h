// The host half of the agent protocol: connect to a board, feed it samples, fetch what it measured.
//
// Calls block until they are done, fail with a stable code, or reach their own time limit; Ctrl-C ends each
// of them with base.interrupted. After link.target_reset or link.lost the session is over: every further call
// returns that error; connect anew. An inference whose board was reset is reported, never repeated silently.
//
// Errors of every call:
//   link.no_answer     the board did not answer all retries          link.lost      the stream or the session
//   went away link.target_reset  the board was reset since connect             link.refused   the agent
//   refused; the reason is named link.limit         a size or count is out of bounds link.bad_answer  an
//   answer cannot be decoded
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "link/byte_stream.h"
#include "link/timing.h"

namespace assay::link {

struct LinkOptions {
  std::chrono::milliseconds retry_first{100};  // doubles with each try
  double timeout_multiplier = 1;               // of retry_first and of every limit of an inference
  int tries = 5;
  std::chrono::milliseconds rto_min{50};  // of an upload
  int line_bytes_per_ms = 10;             // of the slowest line this may be: 10 is 115200 baud
  std::chrono::milliseconds poll_first{
      1000};  // silence after an accepted Invoke before its result is asked for
  // One line that the firmware logged; level 0 error 1 warning 2 info.
  std::function<void(int level, const std::string& text)> log;
};

// assay_port.reset_cause in words: "power", "watchdog", ...
std::string_view reset_cause_name(uint32_t cause);

enum class ClockKind { kNone = 0, kCycles = 1, kInstructions = 2, kHostNs = 3, kTimer = 4 };

struct BoardInfo {
  std::string board;
  std::string build_id, unit_id;  // hex; empty unit_id: unknown
  uint32_t proto = 0, boot_id = 0, reset_cause = 0;
  uint32_t mtu = 0, window = 0;             // bytes
  uint32_t core_clock_hz = 0, tick_hz = 0;  // 0: meaningless
  ClockKind clock = ClockKind::kNone;
  uint32_t tick_numerator = 0, tick_denominator = 0;  // instructions per tick; 0: not applicable
  uint32_t model_count = 0;
  bool emulated = false, has_fault = false;
  bool has_ticks = false, has_ops = false, has_marker = false, has_quiet = false, has_stack = false,
       has_reset = false, has_spans = false, has_taps = false, has_observe = false;
  bool same_schema = false;  // else newer or older fields may be missing on one side
};

struct ModelInfo {
  std::string name, engine, hash;  // hash: hex SHA-256 of the model file; empty: unknown
  std::vector<TensorInfo> inputs, outputs;
  uint32_t op_count = 0, arena_bytes = 0;
  bool has_op_names = false;
  bool application_runs = false;  // the firmware infers by itself: it can be watched, not invoked
};

struct InvokeOptions {
  uint32_t count = 1;                         // runs on the same input
  bool ops = false;                           // time every operator
  bool quiet = false;                         // serial peripheral off meanwhile
  bool reset_state = false;                   // reset the model's state first
  std::chrono::milliseconds timeout{60'000};  // until DONE
};

struct InvokeResult {
  uint32_t runs = 0;
  uint64_t ticks = 0, ticks_min = 0,
           ticks_max = 0;    // of all runs, of the fastest, of the slowest; see BoardInfo.clock
  uint32_t generation = 0;   // names this run for download()
  bool needs_input = false;  // a streaming model wants its next hop; outputs are not final
};

struct Inference {
  InvokeResult run;
  std::vector<std::vector<uint8_t>> outputs;  // raw bytes, in the model's order
};

struct OpRecord {
  uint64_t ticks = 0;
  uint32_t calls = 0;
};

struct MemoryUse {  // bytes; empty: not measured
  std::optional<uint32_t> static_bytes, arena_planned, arena_touched, stack_bytes, stack_touched, io_bytes,
      agent_bytes;
};

struct LinkStats {
  int64_t frames_sent = 0, frames_received = 0, bytes_up = 0, bytes_down = 0;  // bytes on the line
  int64_t retries = 0, crc_errors = 0, resets = 0, dropped_events = 0;
  std::optional<double> round_trip_median_us;  // of requests
};

class Session {
 public:
  // HELLO until BOARD. Besides the codes above: link.protocol_version.
  static Result<Session> connect(std::unique_ptr<ByteStream> stream, LinkOptions options = {});

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const BoardInfo& board() const;
  // Asked once, then kept. link.bad_tensor when the firmware declared a tensor that cannot be used.
  Result<std::vector<ModelInfo>> models();
  // One for each of op_count, "" where the firmware has none; empty when it has no names at all.
  Result<std::vector<std::string>> op_names(uint32_t model);

  // `bytes` must have the tensor's size.
  Status upload(uint32_t model, uint32_t input, std::span<const uint8_t> bytes);
  // link.engine_error with the engine's code when a run failed, link.run_timeout when it did not end in time.
  Result<InvokeResult> invoke(uint32_t model, const InvokeOptions& options = {});
  // `generation` of the run that must have written it; 0: whatever is there.
  Result<std::vector<uint8_t>> download(uint32_t model, uint32_t output, uint32_t generation = 0);
  // One sample: one round trip when the last input fits the window (see protocol/frame.md), for one-input
  // models. Inputs of k times their tensor's size are a streaming sample: k hops, state reset before the
  // first; ticks are of all hops, outputs of the last. Besides invoke's codes: link.needs_input when the
  // model wants more input after the last hop, link.application_runs.
  Result<Inference> infer(uint32_t model, std::span<const std::span<const uint8_t>> inputs,
                          const InvokeOptions& options = {});

  // Stages of the application, or its own inferences: one record per model. link.refused (ABSENT) when the
  // firmware has none.
  Result<std::vector<Timing>> timings(TimingOf of);
  // Spans and inferences start from zero.
  Status clear_timings();
  // ticks = 0: none.
  Status set_deadline(TimingOf of, uint32_t index, uint32_t ticks);

  // From now on each run of `model` copies the output of `op`. The most bytes that fit. link.no_taps when the
  // firmware has no tap buffer.
  Result<uint32_t> select_tap(uint32_t model, uint32_t op);
  Status clear_tap();
  // The tensor that the run `generation` copied (0: the last run), raw bytes. link.tap_missed: the run had no
  // tap of that operator; link.tap_outside: the tap came only outside of runs; link.tap_too_large: with both
  // sizes; link.tap_stale: another run wrote over it; link.refused (NOT_OPEN): none is selected.
  Result<std::vector<uint8_t>> read_tap(uint32_t generation = 0);

  // Of the last invoke with ops; in execution order.
  Result<std::vector<OpRecord>> op_records();
  Result<MemoryUse> memory(uint32_t model);
  // Delivers log lines until then, asking nothing. A board that was reset says nothing either: see check().
  Status listen(Deadline until);
  // Is the session still there? One round trip; link.target_reset when the board was reset meanwhile.
  Status check();
  // Asks the board to restart; the session is over afterwards.
  Status reset();

  LinkStats stats() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  Result<Inference> infer_hop(uint32_t model, std::span<const std::span<const uint8_t>> inputs,
                              const InvokeOptions& options);
  std::unique_ptr<State> state_;
};

}  // namespace assay::link
