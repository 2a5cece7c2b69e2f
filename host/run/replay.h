// The samples of a case, one after the other, through the agent; then a few again with every operator timed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "link/session.h"
#include "results/run_folder.h"
#include "run/device.h"
#include "run/observer.h"
#include "run/prepared.h"

namespace assay::run {

struct Replay {
  TensorRows outputs;              // of the samples that finished, in dataset order
  std::vector<int64_t> ticks;      // raw, one a finished sample; empty: recorded without latency
  std::vector<uint8_t> first_run;  // 1: the cold run after connecting
  // The timed passes: ticks per operator, total ticks, and the bare ticks of the same samples.
  std::vector<std::vector<int64_t>> op_ticks;
  std::vector<int64_t> op_totals, op_bare;
  std::optional<link::MemoryUse> memory;
  link::LinkStats link;
  size_t kept = 0;               // of the finished samples: those that an earlier attempt finished
  double seconds = 0;            // of the first pass, in this attempt
  std::optional<Error> stopped;  // why it ended early; what finished is valid

  size_t finished() const { return first_run.size(); }
};

// One sample through whatever stands for the device: output 0 as bytes, raw ticks.
struct Inferred {
  std::vector<uint8_t> output;
  int64_t ticks = 0;
};
struct SampleSource {
  std::function<Result<Inferred>(size_t index)> infer;
  std::function<std::string()> words;  // beside the progress: "0 retries"
};
// The first pass of replay() alone, for ways in without a session: journals, kept samples, progress. The
// first error.
Status replay_samples(const Prepared& prepared, const SampleSource& source, const results::RunFolder& folder,
                      Observer& observer, Replay& replay);
// Tells that all samples are done, how fast, and `words`.
void tell_replayed(const Prepared& prepared, const Replay& replay, const std::string& words,
                   Observer& observer);

// `device` has its session. Never fails as a whole: an error ends it early and is returned in `stopped`
// beside what was measured. Each finished sample is in the journals of the folder before the next begins;
// what they hold already is not run again. run.resume_changed: the board answers differently than before.
Replay replay(const Prepared& prepared, Device& device, const results::RunFolder& folder, Observer& observer);

}  // namespace assay::run
