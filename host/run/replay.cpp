#include "run/replay.h"

#include <fmt/format.h>

#include "base/interrupt.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

// Samples that are run a second time with operator hooks: enough for a median, few enough to cost little.
constexpr size_t kTimedSamples = 24;
constexpr size_t kProgressEvery = 8;

int argmax(const TensorInfo& info, std::span<const uint8_t> row) {
  const std::vector<double> values = real_values(info, row);
  return values.empty() ? -1 : static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

results::SampleRow journal_row(const Prepared& prepared, size_t index, int device, int64_t ticks) {
  results::SampleRow row;
  row.index = static_cast<int64_t>(index);
  row.id = prepared.dataset.ids[index];
  row.status = "ok";
  if (prepared.dataset.labelled()) row.truth = prepared.dataset.labels[index];
  row.device = device;
  row.ticks = ticks;
  row.first_run = index == 0;
  return row;
}

Result<link::Inference> run_sample(const Prepared& prepared, link::Session& session, size_t index, bool ops) {
  const std::span<const uint8_t> inputs[] = {prepared.inputs.row(index)};
  link::InvokeOptions options;
  options.ops = ops;
  return session.infer(0, inputs, options);
}

Status first_pass(const Prepared& prepared, link::Session& session, const results::RunFolder& folder, Observer& observer, Replay& replay) {
  ASSAY_TRY(auto journal, folder.sample_journal());
  const size_t count = prepared.inputs.rows();
  for (size_t i = 0; i < count; ++i) {
    if (interrupted()) return fail(interruption());
    ASSAY_TRY(const link::Inference inference, run_sample(prepared, session, i, false));
    if (inference.outputs.empty() || inference.outputs[0].size() != replay.outputs.info.bytes()) {
      return fail("link.bad_answer", fmt::format("sample {} came back with outputs of the wrong size", prepared.dataset.ids[i]));
    }
    const auto ticks = static_cast<int64_t>(inference.run.ticks);
    ASSAY_CHECK(journal.write(journal_row(prepared, i, argmax(replay.outputs.info, inference.outputs[0]), ticks)));
    replay.outputs.data.insert(replay.outputs.data.end(), inference.outputs[0].begin(), inference.outputs[0].end());
    replay.ticks.push_back(ticks);
    replay.first_run.push_back(i == 0);
    if (i % kProgressEvery == 0 || i + 1 == count) {
      observer.progress(Phase::kRunning, static_cast<int64_t>(i + 1), static_cast<int64_t>(count),
                        fmt::format("{} retries", session.stats().retries));
    }
  }
  return {};
}

// Every operator timed, on samples spread over the dataset; their bare ticks are known from the first pass.
Status timed_pass(const Prepared& prepared, link::Session& session, Replay& replay) {
  if (!session.board().has_ops || !session.board().has_ticks) return {};
  const size_t count = std::min(kTimedSamples, replay.finished());
  for (size_t k = 0; k < count; ++k) {
    if (interrupted()) return fail(interruption());
    const size_t index = k * replay.finished() / count;
    ASSAY_TRY(const link::Inference inference, run_sample(prepared, session, index, true));
    ASSAY_TRY(const auto records, session.op_records());
    std::vector<int64_t> row;
    for (const link::OpRecord& record : records) row.push_back(static_cast<int64_t>(record.ticks));
    if (row.size() != prepared.plan.ops.size()) return {};  // an engine that times other units than the plan's operators
    replay.op_ticks.push_back(std::move(row));
    replay.op_totals.push_back(static_cast<int64_t>(inference.run.ticks));
    replay.op_bare.push_back(replay.ticks[index]);
  }
  return {};
}

Status whole(const Prepared& prepared, link::Session& session, const results::RunFolder& folder, Observer& observer, Replay& replay) {
  Stopwatch watch;
  const Status passed = first_pass(prepared, session, folder, observer, replay);
  replay.seconds = watch.seconds();
  if (!passed) return passed;
  ASSAY_CHECK(timed_pass(prepared, session, replay));
  ASSAY_TRY(replay.memory, session.memory(0));
  return {};
}

}  // namespace

Replay replay(const Prepared& prepared, link::Session& session, const results::RunFolder& folder, Observer& observer) {
  Replay replay;
  replay.outputs.info = prepared.output;
  const Status ended = whole(prepared, session, folder, observer, replay);
  if (!ended) replay.stopped = ended.error();
  replay.link = session.stats();
  if (!replay.stopped) {
    observer.done(Phase::kRunning,
                  fmt::format("{}/{} samples  {:.1f} samples/s  {} retries", replay.finished(), prepared.inputs.rows(),
                              static_cast<double>(replay.finished()) / std::max(replay.seconds, 1e-9), replay.link.retries),
                  replay.seconds);
  }
  return replay;
}

}  // namespace assay::run
