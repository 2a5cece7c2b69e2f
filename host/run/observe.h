// Watches an application that infers by itself, over resets of its board, until the time is up or Ctrl-C.
//
// The board is asked at each interval and else left alone: what it counts meanwhile it counts without the
// host. After a reset, or a line that went away and came back, it goes on; what the board counted since the
// last interval before a reset is lost, and the count of resets says how often.
#pragma once

#include <functional>

#include "run/observation.h"

namespace assay::run {

struct ObserveOptions {
  std::chrono::milliseconds interval{1000};
  std::optional<std::chrono::nanoseconds> duration;  // absent: until Ctrl-C
  std::string deadline;  // of every model: "20ms", "500us", "80000ticks"; empty: the firmware's own
  std::chrono::milliseconds patience{30'000};  // silence that ends the observation
};

// Opens the line to the board; asked again after it went away.
using OpenLine = std::function<Result<std::unique_ptr<link::ByteStream>>()>;

struct Watcher {
  std::function<void(const link::BoardInfo&, const TickUnit&, const Snapshot&)> on_interval;
  std::function<void(const std::string& words)> on_event;  // a reset, a silence
};

struct Observed {
  link::BoardInfo board;
  Snapshot snapshot;
  std::string ended;           // as in observe.json
  std::optional<Error> error;  // why, when neither time nor Ctrl-C ended it
};

// Writes `folder` at each interval. Codes before anything was seen: those of link; observe.nothing_to_watch,
// observe.bad_deadline. Afterwards an error is in Observed, and what was seen stands: besides those of link
// observe.firmware_changed.
Result<Observed> observe(const OpenLine& open, const link::LinkOptions& link, const ObserveOptions& options,
                         ObservationFolder& folder, const Watcher& watcher);

// In ticks of the board. observe.bad_deadline.
Result<uint32_t> deadline_ticks(const std::string& text, const link::BoardInfo& board);

}  // namespace assay::run
