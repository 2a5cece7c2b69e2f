// What `assay observe` knows of an application that infers by itself: distributions over resets of the board,
// and the same as a folder.
//
//   observe.json   everything so far, whole at any time; "ended" says how it ended, "running" while it goes
//   on samples.csv    one line per interval and record: counts, times and percentiles of that interval
//
// Times are in TickUnit: microseconds where the board's counter is time, else instructions or ticks. Every
// percentile is known to link::kBinResolution and never lies above the maximum.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "link/session.h"
#include "results/append_file.h"

namespace assay::run {

struct TickUnit {
  double per_tick = 1;
  std::string name = "ticks";  // "us", "instructions", "ticks"
  bool is_time() const { return name == "us"; }
};
TickUnit tick_unit(const link::BoardInfo& board);

struct ObservedRecord {
  link::TimingOf of = link::TimingOf::kModel;
  std::string name;
  link::Timing total;     // since the observation began, over resets
  link::Timing interval;  // since the snapshot before; its extremes are those of its bins
};

struct Snapshot {
  double seconds = 0;                   // of the host, since the observation began
  std::vector<ObservedRecord> records;  // models, then spans
  std::optional<uint32_t> stack_touched, stack_bytes;
  int resets = 0, silences = 0;
};

// Adds up what a board tells, boot by boot.
class Observation {
 public:
  // The counters of a boot begin: those of the one before are kept.
  void begin_boot();
  // `models` and `spans` as the session reads them; the sum so far.
  const Snapshot& take(double seconds, const std::vector<link::Timing>& models,
                       const std::vector<link::Timing>& spans, const link::MemoryUse& memory);
  void count_reset() { ++snapshot_.resets; }
  void count_silence() { ++snapshot_.silences; }
  const Snapshot& snapshot() const { return snapshot_; }

 private:
  struct Kept {
    link::Timing finished;  // of the boots before
    link::Timing latest;    // of this boot
  };
  ObservedRecord merged(Kept& kept, link::TimingOf of, size_t index, const link::Timing& now);
  std::vector<Kept> models_, spans_;
  Snapshot snapshot_;
};

class ObservationFolder {
 public:
  // Makes the folder. base.file; results.bad_run when it holds an observation already.
  static Result<ObservationFolder> create(const std::filesystem::path& path);
  // Both files. `ended`: "running", "time is up", "interrupted", or an error code.
  Status write(const link::BoardInfo& board, const TickUnit& unit, const Snapshot& snapshot,
               const std::string& ended);
  // Nothing was seen: leaves no trace of an observation.
  void abandon();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ObservationFolder(std::filesystem::path path, results::AppendFile samples)
      : path_(std::move(path)), samples_(std::move(samples)) {}
  std::filesystem::path path_;
  results::AppendFile samples_;
  double written_ = -1;  // Snapshot.seconds of the last lines
};

// A snapshot as the JSON object that observe.json and `assay observe --json` hold.
std::string snapshot_json(const link::BoardInfo& board, const TickUnit& unit, const Snapshot& snapshot,
                          const std::string& ended, int indent);

}  // namespace assay::run
