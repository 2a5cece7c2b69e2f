// The way in "recorded outputs": what a board once answered stands where a board would answer.
//
// No lease, no board, no agent: `assay run PROFILE --recorded FILE` judges a file that somebody else's
// harness wrote, with the same references, metrics and gates. What the file does not hold (memory, operators,
// often latency) is absent.
#pragma once

#include "results/run_folder.h"
#include "run/observer.h"
#include "run/recorded_outputs.h"
#include "run/replay.h"

namespace assay::run {

inline constexpr const char* kRecordedWay = "recorded outputs";  // Subject::way_in
inline constexpr const char* kRecordedMode = "recorded";         // Target::mode

// Stands for a board.toml: its name is what the profile's [recorded] says, or "recorded".
config::Board recorded_board(const config::RecordedOutputs& recorded);

// Outputs of every sample, latencies as ticks of 1 ns where the file has them, and samples.csv. Errors in
// `stopped`, as of replay(). Ids that are no sample of the dataset become an issue.
Replay replay_recorded(const Prepared& prepared, const Recorded& recorded, const results::RunFolder& folder,
                       Observer& observer, results::Summary& summary);

// Way in, engine, mode and clock; before the references are gathered, as fill_device_identity().
void fill_recorded_identity(const CaseSpec& spec, results::Summary& summary);

// Latency where the file has it. The figures' kind is `measured`: by whoever recorded them.
void fill_recorded_cost(const Replay& replay, results::Summary& summary);

}  // namespace assay::run
