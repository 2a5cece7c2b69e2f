#include "run/observe.h"

#include <fmt/format.h>
#include <signal.h>

#include <charconv>
#include <thread>

#include "base/interrupt.h"
#include "link/streams.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

constexpr auto kRetryPause = std::chrono::milliseconds(200);
constexpr auto kRestart = std::chrono::milliseconds(3000);

bool survivable(const Error& error) {
  return error.code == "link.target_reset" || error.code == "link.no_answer" || error.code == "link.lost" ||
         error.code == "link.open";
}

class Observing {
 public:
  Observing(const OpenLine& open, const link::LinkOptions& link, const ObserveOptions& options,
            ObservationFolder& folder, const Watcher& watcher)
      : open_(open), link_(link), options_(options), folder_(folder), watcher_(watcher) {}

  Status connect();
  // Why it ended; no code when the time is up.
  Error watch(Deadline end);
  Status write(const std::string& ended) {
    return folder_.write(board_, unit_, observation_.snapshot(), ended);
  }
  const link::BoardInfo& board() const { return board_; }
  const Snapshot& snapshot() const { return observation_.snapshot(); }

 private:
  Status prepare();
  Status look();
  Status come_back(Error lost, Deadline end);

  const OpenLine& open_;
  const link::LinkOptions& link_;
  const ObserveOptions& options_;
  ObservationFolder& folder_;
  const Watcher& watcher_;
  std::shared_ptr<link::ByteStream> line_;
  std::optional<link::Session> session_;
  link::BoardInfo board_;
  TickUnit unit_;
  Observation observation_;
  Stopwatch watch_;
};

// The counters of this boot start at zero, with the deadline that was asked for.
Status Observing::prepare() {
  if (!options_.deadline.empty() && board_.has_observe) {
    ASSAY_TRY(const uint32_t ticks, deadline_ticks(options_.deadline, board_));
    for (uint32_t i = 0; i < board_.model_count; ++i)
      ASSAY_CHECK(session_->set_deadline(link::TimingOf::kModel, i, ticks));
  }
  return {};
}

Status Observing::connect() {
  session_.reset();
  if (!line_) {
    ASSAY_TRY(auto opened, open_());
    line_ = std::move(opened);
  }
  ASSAY_TRY(session_, link::Session::connect(link::lent_stream(line_), link_));
  const link::BoardInfo& now = session_->board();
  const bool first = board_.board.empty();
  if (first && !now.has_observe && !now.has_spans) {
    return fail("observe.nothing_to_watch",
                fmt::format("the firmware on '{}' ({}) counts no inferences and no spans of its own",
                            now.board, now.build_id.substr(0, 8)));
  }
  if (!first && now.build_id != board_.build_id) {
    return fail("observe.firmware_changed",
                fmt::format("firmware {} runs now, {} did before", now.build_id.substr(0, 8),
                            board_.build_id.substr(0, 8)));
  }
  const bool other_boot = !first && now.boot_id != board_.boot_id;
  board_ = now;
  unit_ = tick_unit(board_);
  ASSAY_CHECK(prepare());
  if (first) return session_->clear_timings();
  if (other_boot) observation_.begin_boot();
  return {};
}

Status Observing::look() {
  std::vector<link::Timing> models, spans;
  if (board_.has_observe) {
    ASSAY_TRY(models, session_->timings(link::TimingOf::kModel));
  }
  if (board_.has_spans) {
    ASSAY_TRY(spans, session_->timings(link::TimingOf::kSpan));
  }
  link::MemoryUse memory;
  if (board_.has_stack) {
    ASSAY_TRY(memory, session_->memory(0));
  }
  observation_.take(watch_.seconds(), models, spans, memory);
  ASSAY_CHECK(write("running"));
  watcher_.on_interval(board_, unit_, observation_.snapshot());
  return {};
}

// A board that was reset, or hangs, or whose port went away for a moment; `lost` itself when it stays away.
Status Observing::come_back(Error lost, Deadline end) {
  const bool reset = lost.code == "link.target_reset";
  const uint32_t boot = board_.boot_id;
  if (reset) {
    observation_.count_reset();
    observation_.begin_boot();
  } else {
    observation_.count_silence();
  }
  watcher_.on_event(lost.message);
  // Not beyond the end, but long enough that a board which restarts just then is not called lost.
  const auto least = Deadline::in(std::min<std::chrono::milliseconds>(options_.patience, kRestart)).time();
  const Deadline patience(std::max(least, std::min(end.time(), Deadline::in(options_.patience).time())));
  for (;;) {
    if (lost.code == "link.lost" || lost.code == "link.open") line_.reset();
    Status back = connect();
    if (back) break;
    if (!survivable(back.error()) || patience.passed()) return back;
    lost = back.error();
    // The session that failed may have been the last sign of life: a pause, not a loop.
    const Deadline pause = Deadline::in(kRetryPause);
    while (!pause.passed()) {
      if (interrupted()) return fail(interruption());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  if (!reset && board_.boot_id != boot) observation_.count_reset();
  return {};
}

Error Observing::watch(Deadline end) {
  for (auto next = Deadline::Clock::now();;) {
    next = std::max(next + options_.interval, Deadline::Clock::now());
    Status status = session_->listen(Deadline(std::min(next, end.time())));
    if (status) status = look();
    if (!status && survivable(status.error())) status = come_back(status.error(), end);
    if (!status) return status.error();
    if (end.passed()) return {"", "", "", ""};
  }
}

}  // namespace

Result<uint32_t> deadline_ticks(const std::string& text, const link::BoardInfo& board) {
  constexpr struct {
    const char* suffix;
    double seconds;
  } kUnits[] = {{"ms", 1e-3}, {"us", 1e-6}, {"s", 1}};
  const auto bad = [&](const std::string& why) {
    return fail("observe.bad_deadline", fmt::format("deadline '{}' {}", text, why));
  };
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string suffix(parsed.ptr, text.data() + text.size());
  if (parsed.ec != std::errc() || !(number > 0)) return bad("is no time above 0, as 20ms or 80000ticks");
  double ticks = suffix == "ticks" ? number : 0;
  for (const auto& unit : kUnits) {
    if (suffix != unit.suffix) continue;
    if (!tick_unit(board).is_time()) {
      return bad(
          fmt::format("is time, and the counter of '{}' is not: give ticks, as 80000ticks", board.board));
    }
    ticks = number * unit.seconds * board.tick_hz;
  }
  if (ticks == 0) return bad("has no unit of s, ms, us or ticks");
  if (ticks < 1 || ticks > 4294967295.0)
    return bad(fmt::format("is {:.3g} ticks, and a deadline has 1 to 4294967295", ticks));
  return static_cast<uint32_t>(ticks);
}

Result<Observed> observe(const OpenLine& open, const link::LinkOptions& link, const ObserveOptions& options,
                         ObservationFolder& folder, const Watcher& watcher) {
  const Deadline end = Deadline::in(options.duration.value_or(std::chrono::hours(24 * 365)));
  Observing observing(open, link, options, folder, watcher);
  if (Status connected = observing.connect(); !connected) {
    folder.abandon();
    return fail(connected.error());
  }
  const Error error = observing.watch(end);
  Observed observed{observing.board(), observing.snapshot(), "time is up", {}};
  if (error.code == "base.interrupted" && interrupted() == SIGINT) {
    observed.ended = "interrupted";
  } else if (!error.code.empty()) {
    observed.ended = error.code;
    observed.error = error;
  }
  ASSAY_CHECK(observing.write(observed.ended));
  return observed;
}

}  // namespace assay::run
