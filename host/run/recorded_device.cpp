#include "run/recorded_device.h"

#include <fmt/format.h>

#include <cmath>

#include "base/files.h"
#include "metric/classification.h"
#include "metric/latency.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

// samples.csv at once: all of it is known, and nothing of it can get lost.
Status write_samples(const Prepared& prepared, const Replay& replay, const results::RunFolder& folder) {
  const std::vector<int> top = metric::decide_rows(replay.outputs).top;
  std::string text = results::samples_header();
  for (size_t i = 0; i < top.size(); ++i) {
    results::SampleRow row;
    row.index = static_cast<int64_t>(i);
    row.id = prepared.dataset.ids[i];
    row.status = "ok";
    if (prepared.dataset.labelled()) row.truth = prepared.dataset.labels[i];
    row.device = top[i];
    if (!replay.ticks.empty()) row.ticks = replay.ticks[i];
    text += results::sample_line(row);
  }
  return write_file(folder.path(results::file::kSamples), text);
}

Status take_all(const Prepared& prepared, const Recorded& recorded, const results::RunFolder& folder,
                results::Summary& summary, Replay& replay) {
  if (!recorded.extra.empty()) {
    const size_t count = recorded.extra.size();
    summary.issues.push_back(
        {"run.recorded_ids", "note",
         fmt::format("{} recorded sample{} not in the dataset and left out, the first is {}", count,
                     count == 1 ? " is" : "s are", recorded.extra[0])});
  }
  replay.outputs = recorded.outputs;
  replay.first_run.assign(replay.outputs.rows(), 0);  // which run was a cold one is not known
  if (recorded.latency_us) {
    for (const double us : *recorded.latency_us) replay.ticks.push_back(std::llround(us * 1000));
  }
  return write_samples(prepared, replay, folder);
}

}  // namespace

config::Board recorded_board(const config::RecordedOutputs& recorded) {
  config::Board board;
  // Names of boards become names of files (runs, baselines).
  std::string name = recorded.board().empty() ? "recorded" : recorded.board();
  for (char& c : name) {
    if (!isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '-';
  }
  board.mutable_board()->set_name(name);
  board.mutable_board()->set_title(recorded.board().empty() ? "a board that was recorded" : recorded.board());
  board.mutable_board()->set_kind(kRecordedMode);
  return board;
}

Replay replay_recorded(const Prepared& prepared, const Recorded& recorded, const results::RunFolder& folder,
                       Observer& observer, results::Summary& summary) {
  Stopwatch watch;
  Replay replay;
  replay.outputs.info = prepared.output;
  const Status taken = take_all(prepared, recorded, folder, summary, replay);
  replay.seconds = watch.seconds();
  if (!taken) {
    replay.stopped = taken.error();
    return replay;
  }
  observer.done(Phase::kRunning,
                fmt::format("{} recorded samples, {}", replay.finished(),
                            replay.ticks.empty() ? "no latency" : "with latency"),
                replay.seconds);
  return replay;
}

void fill_recorded_identity(const CaseSpec& spec, results::Summary& summary) {
  summary.subject.way_in = kRecordedWay;
  summary.subject.runner = "";
  summary.subject.engine = spec.recorded->engine();
  summary.target.mode = kRecordedMode;
  summary.target.clock_kind = "ns";
}

void fill_recorded_cost(const Replay& replay, results::Summary& summary) {
  if (replay.ticks.empty()) {
    summary.issues.push_back({"metric.no_clock", "note", "the recorded outputs have no latency"});
    return;
  }
  summary.latency = metric::latency(replay.ticks, replay.first_run, {.kind = summary.target.clock_kind});
}

}  // namespace assay::run
