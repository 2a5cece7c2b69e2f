#include "run/case.h"

#include <fmt/format.h>

#include <future>
#include <memory>

#include "base/error_codes.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "metric/gates.h"
#include "report/formats.h"
#include "run/baseline.h"
#include "run/cost.h"
#include "run/first_divergence.h"
#include "run/identity.h"
#include "run/judge.h"
#include "run/keep.h"
#include "run/own_firmware.h"
#include "run/probe_only.h"
#include "run/recorded_device.h"
#include "run/recorder.h"
#include "run/resolved.h"
#include "run/resume.h"
#include "run/stopwatch.h"
#include "run/tap_phase.h"

namespace assay::run {
namespace {

constexpr size_t kJudgedInHurry = 2000;  // samples

struct Measured {
  Device device;
  Replay replay;
  References references;
  TapPhase taps;
  std::optional<Error> failed;  // before the first sample
};

std::future<References> begin_references(const CaseSpec& spec, const Prepared& prepared, Recorder& recorder) {
  if (!spec.references) return {};
  return std::async(std::launch::async, [&] { return gather_references(spec, prepared, recorder); });
}

void take_references(std::future<References> references, Recorder& recorder, Measured& measured) {
  if (!references.valid()) return;
  measured.references = references.get();
  recorder.done(Phase::kReferences,
                fmt::format("R0 {}, R1 {} runtimes, R2 {}; {} from the cache",
                            measured.references.r0 ? "yes" : "-", measured.references.r1.size(),
                            measured.references.r2 ? "yes" : "-", measured.references.from_cache),
                measured.references.seconds);
}

// What was recorded stands where a device would; nothing is leased.
void measure_recorded(const CaseSpec& spec, const Prepared& prepared, const Recorded& recorded,
                      const results::RunFolder& folder, Recorder& recorder, results::Summary& summary,
                      Measured& measured) {
  fill_recorded_identity(spec, summary);
  measured.replay = replay_recorded(prepared, recorded, folder, recorder, summary);
  if (measured.replay.stopped) return;
  take_references(begin_references(spec, prepared, recorder), recorder, measured);
  if (interrupted()) measured.replay.stopped = interruption();
}

// Operators of the samples that the main run left questions about; the session of that run ends here.
void tap(const CaseSpec& spec, const Prepared& prepared, const LeasedUnit& unit,
         const results::RunFolder& folder, Recorder& recorder, Measured& measured) {
  const References& references = measured.references;
  if (measured.replay.stopped || interrupted() || measured.replay.finished() == 0) return;
  const TensorRows* r2 = references.r2 ? &references.r2->outputs : nullptr;
  const TensorRows* baseline = references.r0            ? &references.r0->outputs
                               : !references.r1.empty() ? &references.r1[0].outputs
                                                        : r2;
  measured.device.session.reset();
  if (!r2 || r2->rows() < measured.replay.finished()) {
    measured.taps = run_tap_phase(spec, prepared, nullptr, unit, folder.path(), recorder);
    return;
  }
  const TapSides sides{prepared.dataset.ids, measured.replay.outputs, *r2, baseline};
  measured.taps = run_tap_phase(spec, prepared, &sides, unit, folder.path(), recorder);
}

ProcessStart process_start(const CaseSpec& spec, const results::RunFolder& folder) {
  if (has_own_firmware(spec.profile.profile)) return {.program = firmware_image(spec), .plan = {}};
  return {.program = {}, .plan = folder.path(results::file::kPlan)};
}

// An application that knows nothing of Assay: the probe drives it, and puts it back while the unit is still
// leased.
void measure_probe_only(const CaseSpec& spec, const Prepared& prepared, const probe::Unit& unit,
                        const results::RunFolder& folder, Recorder& recorder, results::Summary& summary,
                        Measured& measured) {
  auto device = ProbeOnlyDevice::bring_up(spec, prepared, unit, folder.path(), recorder);
  if (!device) {
    measured.failed = device.error();
    return;
  }
  measured.device = (*device)->described();
  fill_device_identity(measured.device, unit, summary);
  auto references = begin_references(spec, prepared, recorder);
  measured.replay = (*device)->replay(prepared, folder, recorder);
  for (auto& note : (*device)->notes()) summary.issues.push_back(std::move(note));
  if (const Status restored = (*device)->restore(); !restored)
    summary.issues.push_back({restored.error().code, "warning", restored.error().text()});
  take_references(std::move(references), recorder, measured);
}

// Device and references side by side: the references' workers are processes, the device is on the line.
void measure(const CaseSpec& spec, const Prepared& prepared, const AcquireUnit& acquire,
             const results::RunFolder& folder, Recorder& recorder, results::Summary& summary,
             Measured& measured) {
  Stopwatch watch;
  auto unit = acquire(process_start(spec, folder), folder.path());
  if (!unit) {
    measured.failed = unit.error();
    return;
  }
  recorder.done(Phase::kLeased, fmt::format("{}  unit {}", unit->board, unit->id), watch.lap());
  summary.target.unit = unit->id;
  if (is_probe_only(spec.profile.profile))
    return measure_probe_only(spec, prepared, *unit, folder, recorder, summary, measured);
  auto device = bring_up(spec, prepared, *unit, folder.path(), recorder);
  if (!device) {
    measured.failed = device.error();
    return;
  }
  measured.device = std::move(*device);
  fill_device_identity(measured.device, *unit, summary);
  summary.issues.insert(summary.issues.end(), measured.device.issues.begin(), measured.device.issues.end());
  auto references = begin_references(spec, prepared, recorder);
  measured.replay = replay(prepared, measured.device, folder, recorder);
  take_references(std::move(references), recorder, measured);
  tap(spec, prepared, {*unit, acquire}, folder, recorder, measured);
}

// The first error that the device gave.
std::optional<Error>* device_error(Measured& measured) {
  if (measured.failed) return &measured.failed;
  if (measured.replay.stopped) return &measured.replay.stopped;
  return measured.taps.capture && measured.taps.capture->failed ? &measured.taps.capture->failed : nullptr;
}

// A unit that ended on its own explains what link or probe saw only from outside.
void explain(std::optional<Error> ended, Measured& measured) {
  std::optional<Error>* error = device_error(measured);
  if (!ended || !error || (*error)->code == "base.interrupted") return;
  auto& stopped = *error;
  ended->message += fmt::format("; seen as {}: {}", stopped->code, stopped->message);
  stopped = std::move(*ended);
}

// The run ended early: what is known stays, the verdict says why there is none.
void mark_stopped(const Error& error, results::Summary& summary) {
  const bool by_user = error.code == "base.interrupted";
  summary.verdict = by_user ? "interrupted" : "error";
  summary.exit_code = by_user ? 128 + std::max(interrupted(), 2) : static_cast<int>(exit_code_of(error.code));
  summary.validity = "invalid";
  summary.sentence = fmt::format("{} after {} of {} samples: {}", by_user ? "Interrupted" : "Stopped",
                                 summary.samples_done, summary.samples_asked, error.text());
  const ErrorCode* known = find_error_code(error.code);
  std::string remedy = !error.remedy.empty() || !known || by_user ? error.remedy : std::string(known->remedy);
  if (!remedy.empty()) remedy = ". " + remedy;
  while (remedy.ends_with('.')) remedy.pop_back();
  summary.issues.insert(summary.issues.begin(), {error.code, "error",
                                                 fmt::format("{}{}. To go on: assay run --resume {}",
                                                             error.text(), remedy, summary.run_id)});
}

// What the tap phase found. A first divergence that cannot be found is an issue: the verdict stands without
// it.
void judge_taps(const CaseSpec& spec, const Prepared& prepared, const Measured& measured,
                const results::RunFolder& folder, results::Summary& summary) {
  summary.issues.insert(summary.issues.end(), measured.taps.issues.begin(), measured.taps.issues.end());
  if (!measured.taps.capture) return;
  const Capture& capture = *measured.taps.capture;
  for (auto& issue : capture_issues(capture)) summary.issues.push_back(std::move(issue));
  if (capture.device.empty()) return;
  const auto judge = [&]() -> Status {
    ASSAY_TRY(FoundDivergence found, judge_capture(spec, prepared, capture, measured.replay.outputs,
                                                   measured.references.r2->outputs));
    ASSAY_CHECK(keep_tensors(spec, prepared, capture, found, folder.path(results::file::kTensors)));
    summary.divergence = std::move(found.divergence);
    return {};
  };
  if (const Status judged = judge(); !judged)
    summary.issues.push_back(
        {judged.error().code, "warning", "no first divergence: " + judged.error().text()});
}

Status judge_all(const CaseSpec& spec, const Prepared& prepared, Measured& measured,
                 results::Summary& summary, std::vector<results::Flip>& flips) {
  summary.samples_done = static_cast<int64_t>(measured.replay.finished());
  summary.issues.insert(summary.issues.end(), measured.references.issues.begin(),
                        measured.references.issues.end());
  const auto& stopped = measured.failed ? measured.failed : measured.replay.stopped;
  // Who pressed Ctrl-C waits: what takes long is left to the resumed run.
  const bool hurry =
      stopped && stopped->code == "base.interrupted" && measured.replay.finished() > kJudgedInHurry;
  if (spec.recorded) {
    fill_recorded_cost(measured.replay, summary);
  } else if (!measured.failed) {
    ASSAY_CHECK(fill_cost(prepared, measured.device, measured.replay, summary));
  }
  if (!measured.failed && !hurry) {
    ASSAY_TRY(flips, fill_accuracy(spec, prepared, measured.references, measured.replay, summary));
  }
  if (stopped) {
    mark_stopped(*stopped, summary);
    return {};
  }
  return fill_verdict(spec, summary);
}

struct Ready {
  Prepared prepared;
  std::optional<Recorded> recorded;
  std::optional<results::RunClaim> own;  // of a new run; a resumed one has its claim in the resumption
};

Status claim_folder(const CaseSpec& spec, const results::CaseLock& lock, Ready& ready) {
  if (spec.resumption) {
    ASSAY_CHECK(check_unchanged(*spec.resumption, lock));
    return spec.resumption->claim.begin_attempt();
  }
  const auto& profile = spec.profile.profile.profile().name();
  const std::string text = lock.file_text();
  auto own = spec.folder.empty() ? results::RunClaim::create_below(
                                       spec.out_dir, profile, spec.board.board().name(), text, spec.command)
                                 : results::RunClaim::create(spec.folder, text, spec.command);
  if (!own) return fail(own.error());
  ready.own = std::move(*own);
  return {};
}

// All that needs no board; the folder appears, or begins another attempt, last.
Result<Ready> make_ready(const CaseSpec& spec, results::Summary& summary) {
  const EndAtOnce nothing_to_lose("\nassay: interrupted before the run began\n");
  Ready ready;
  ASSAY_TRY(ready.prepared, prepare(spec));
  if (spec.recorded) {
    ASSAY_TRY(ready.recorded, read_recorded(*spec.recorded, ready.prepared));
  }
  fill_identity(spec, ready.prepared, summary);
  ASSAY_TRY(const results::CaseLock lock, resolve(spec, ready.prepared, summary.provenance.qemu));
  ASSAY_CHECK(claim_folder(spec, lock, ready));
  return ready;
}

// From here on there is no board and no child. A signal that came before makes the run an interrupted one.
std::unique_ptr<EndAtOnce> end_at_once_from_here(const results::RunFolder& folder, Measured& measured) {
  auto scope = std::make_unique<EndAtOnce>(fmt::format(
      "\nassay: interrupted while judging; every sample is kept, to go on: assay run --resume {}\n",
      folder.id()));
  if (!interrupted()) return scope;
  if (!measured.failed && !measured.replay.stopped) measured.replay.stopped = interruption();
  return nullptr;
}

// Those from issue `first` on.
void tell_warnings(const results::Summary& summary, size_t first, Recorder& recorder) {
  for (size_t i = first; i < summary.issues.size(); ++i) {
    const results::Issue& issue = summary.issues[i];
    if (issue.severity == "warning") recorder.warning(issue.code, issue.message);
  }
}

// summary.json, reports, manifest. A report that cannot be written is an error of the run only when the disk
// says so.
Status finish(const results::RunFolder& folder, const results::Summary& summary) {
  ASSAY_CHECK(folder.write_summary(summary));
  ASSAY_TRY(const report::View view, report::load_view(folder.path()));
  ASSAY_CHECK(report::write_reports(view, folder.path()));
  return folder.write_manifest();
}

}  // namespace

Result<CaseOutcome> run_case(const CaseSpec& spec, const AcquireUnit& acquire, Observer& observer,
                             const ReleaseUnit& release) {
  Stopwatch watch;
  ASSAY_CHECK(metric::check_gates(spec.profile.profile, spec.profile.places));
  ASSAY_CHECK(check_references(spec.profile));
  CaseOutcome outcome;
  results::Summary& summary = outcome.summary;
  ASSAY_TRY(Ready ready, make_ready(spec, summary));
  const Prepared& prepared = ready.prepared;
  const results::RunClaim& claim = ready.own ? *ready.own : spec.resumption->claim;
  const results::RunFolder& folder = claim.folder();
  outcome.folder = folder.path();
  summary.run_id = folder.id();
  ASSAY_TRY(auto writer, folder.event_writer());
  Recorder recorder(std::move(writer), observer);
  ASSAY_CHECK(keep_preparation(spec, prepared, folder));
  recorder.done(Phase::kPrepared, describe(prepared), watch.lap());

  Measured measured;
  if (spec.recorded) {
    measure_recorded(spec, prepared, *ready.recorded, folder, recorder, summary, measured);
  } else {
    measure(spec, prepared, acquire, folder, recorder, summary, measured);
  }
  measured.device.session.reset();
  const std::optional<Error>* seen = device_error(measured);
  if (release && !spec.recorded) explain(release(seen ? &**seen : nullptr), measured);
  const auto at_once = end_at_once_from_here(folder, measured);
  recorder.progress(Phase::kJudged, 0, 0, "comparing");
  watch.lap();
  if (const Status judged = judge_all(spec, prepared, measured, summary, outcome.flips); !judged)
    mark_stopped(judged.error(), summary);
  judge_taps(spec, prepared, measured, folder, summary);
  if (const auto lost = recorder.write_error()) {
    summary.issues.push_back(
        {lost->code, "warning", "events.jsonl lacks what happened later: " + lost->text()});
  }
  tell_warnings(summary, 0, recorder);
  ASSAY_CHECK(keep_results(prepared, measured.references, measured.replay, outcome.flips, summary, folder));
  const size_t told = summary.issues.size();
  hold_to_baseline(spec, folder, summary);
  tell_warnings(summary, told, recorder);
  recorder.done(Phase::kJudged, fmt::format("{} gates", summary.gates.size()), watch.lap());
  summary.provenance.phase_s = recorder.phase_seconds();
  summary.provenance.duration_s = watch.seconds();
  recorder.verdict(summary.verdict, summary.exit_code, summary.sentence);
  ASSAY_CHECK(finish(folder, summary));
  if (summary.verdict != "error" && summary.verdict != "interrupted") claim.discard_journal();
  return outcome;
}

}  // namespace assay::run
