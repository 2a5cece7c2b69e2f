#include "run/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/interrupt.h"
#include "run/sample_log.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

// Samples that are run a second time with operator hooks: enough for a median, few enough to cost little.
constexpr size_t kTimedSamples = 24;
constexpr size_t kProgressEvery = 8;

Result<link::Inference> run_sample(const Prepared& prepared, Device& device, size_t index, bool ops) {
  const std::span<const uint8_t> inputs[] = {prepared.inputs.row(index)};
  link::InvokeOptions options;
  options.ops = ops;
  auto inference = device.session->infer(device.model_index, inputs, options);
  if (inference || interrupted()) return inference;
  // What ends a run names the sample that it ended at: the same one fails again, or it does not.
  Error error = inference.error();
  error.message = fmt::format("sample {} ('{}'): {}", index, prepared.dataset.ids[index], error.message);
  return fail(std::move(error));
}

Result<Inferred> inferred_of(const Prepared& prepared, link::Inference inference, size_t index) {
  if (inference.outputs.empty() || inference.outputs[0].size() != prepared.output.bytes()) {
    return fail("link.bad_answer", fmt::format("sample {} came back with outputs of the wrong size",
                                               prepared.dataset.ids[index]));
  }
  return Inferred{std::move(inference.outputs[0]), static_cast<int64_t>(inference.run.ticks)};
}

void take(Replay& replay, std::span<const uint8_t> output, int64_t ticks) {
  replay.outputs.data.insert(replay.outputs.data.end(), output.begin(), output.end());
  replay.first_run.push_back(replay.ticks.empty());
  replay.ticks.push_back(ticks);
}

// The first inference after a reset is a cold one; in an undisturbed run only sample 0 is. So the last sample
// that finished before runs once more, uncounted, and proves that this board still answers what the earlier
// one did.
Status warm_up(const Prepared& prepared, const SampleSource& source, const Replay& replay) {
  const size_t last = replay.finished() - 1;
  ASSAY_TRY(const Inferred again, source.infer(last));
  const auto before = replay.outputs.row(last);
  if (std::equal(again.output.begin(), again.output.end(), before.begin(), before.end())) return {};
  return fail("run.resume_changed",
              fmt::format("the board's outputs for sample {} are not those from before the interruption",
                          prepared.dataset.ids[last]));
}

Status first_pass(const Prepared& prepared, const SampleSource& source, const results::RunFolder& folder,
                  Observer& observer, Replay& replay) {
  ASSAY_TRY(SampleLog log, SampleLog::open(prepared, folder));
  const results::JournalledOutputs kept = log.take_finished();
  const size_t count = prepared.inputs.rows(), bytes = prepared.output.bytes();
  for (size_t i = 0; i < kept.count(); ++i)
    take(replay, std::span(kept.rows).subspan(i * bytes, bytes), kept.ticks[i]);
  replay.kept = kept.count();
  if (replay.kept > 0) ASSAY_CHECK(warm_up(prepared, source, replay));
  for (size_t i = replay.kept; i < count; ++i) {
    if (interrupted()) return fail(interruption());
    ASSAY_TRY(const Inferred sample, source.infer(i));
    ASSAY_CHECK(log.write(sample.output, sample.ticks));
    take(replay, sample.output, sample.ticks);
    if (i % kProgressEvery == 0 || i + 1 == count) {
      observer.progress(Phase::kRunning, static_cast<int64_t>(i + 1), static_cast<int64_t>(count),
                        source.words());
    }
  }
  return {};
}

// Every operator timed, on samples spread over the dataset; their bare ticks are known from the first pass.
Status timed_pass(const Prepared& prepared, Device& device, Replay& replay) {
  if (!device.board.has_ops || !device.board.has_ticks || device.model.op_count == 0) return {};
  const size_t count = std::min(kTimedSamples, replay.finished());
  for (size_t k = 0; k < count; ++k) {
    if (interrupted()) return fail(interruption());
    const size_t index = k * replay.finished() / count;
    ASSAY_TRY(const link::Inference inference, run_sample(prepared, device, index, true));
    ASSAY_TRY(const auto records, device.session->op_records());
    std::vector<int64_t> row;
    for (const link::OpRecord& record : records) row.push_back(static_cast<int64_t>(record.ticks));
    replay.op_ticks.push_back(std::move(row));
    replay.op_totals.push_back(static_cast<int64_t>(inference.run.ticks));
    replay.op_bare.push_back(replay.ticks[index]);
  }
  return {};
}

SampleSource source_of(const Prepared& prepared, Device& device) {
  return {[&](size_t index) -> Result<Inferred> {
            ASSAY_TRY(link::Inference inference, run_sample(prepared, device, index, false));
            return inferred_of(prepared, std::move(inference), index);
          },
          [&] { return fmt::format("{} retries", device.session->stats().retries); }};
}

Status whole(const Prepared& prepared, Device& device, const results::RunFolder& folder, Observer& observer,
             Replay& replay) {
  ASSAY_CHECK(replay_samples(prepared, source_of(prepared, device), folder, observer, replay));
  ASSAY_CHECK(timed_pass(prepared, device, replay));
  ASSAY_TRY(replay.memory, device.session->memory(device.model_index));
  return {};
}

}  // namespace

Status replay_samples(const Prepared& prepared, const SampleSource& source, const results::RunFolder& folder,
                      Observer& observer, Replay& replay) {
  Stopwatch watch;
  const Status passed = first_pass(prepared, source, folder, observer, replay);
  replay.seconds = watch.seconds();
  return passed;
}

void tell_replayed(const Prepared& prepared, const Replay& replay, const std::string& words,
                   Observer& observer) {
  const std::string kept = replay.kept > 0 ? fmt::format("  {} from before", replay.kept) : "";
  observer.done(
      Phase::kRunning,
      fmt::format("{}/{} samples  {:.1f} samples/s  {}{}", replay.finished(), prepared.inputs.rows(),
                  static_cast<double>(replay.finished() - replay.kept) / std::max(replay.seconds, 1e-9),
                  words, kept),
      replay.seconds);
}

Replay replay(const Prepared& prepared, Device& device, const results::RunFolder& folder,
              Observer& observer) {
  Replay replay;
  replay.outputs.info = prepared.output;
  const Status ended = whole(prepared, device, folder, observer, replay);
  if (!ended) replay.stopped = ended.error();
  replay.link = device.session->stats();
  if (!replay.stopped)
    tell_replayed(prepared, replay, fmt::format("{} retries", replay.link.retries), observer);
  return replay;
}

}  // namespace assay::run
