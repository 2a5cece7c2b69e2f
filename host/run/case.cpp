#include "run/case.h"

#include <fmt/format.h>

#include <future>

#include "base/error_codes.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "metric/gates.h"
#include "report/formats.h"
#include "run/cost.h"
#include "run/identity.h"
#include "run/judge.h"
#include "run/keep.h"
#include "run/recorder.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

struct Measured {
  Device device;
  Replay replay;
  References references;
  std::optional<Error> failed;  // before the first sample
};

// Device and references side by side: the references' workers are processes, the device is on the line.
void measure(const CaseSpec& spec, const Prepared& prepared, const AcquireUnit& acquire, const results::RunFolder& folder, Recorder& recorder,
             results::Summary& summary, Measured& measured) {
  Stopwatch watch;
  auto unit = acquire(folder.path(results::file::kPlan), folder.path());
  if (!unit) {
    measured.failed = unit.error();
    return;
  }
  recorder.done(Phase::kLeased, fmt::format("{}  unit {}", unit->board, unit->id), watch.lap());
  summary.target.unit = unit->id;
  auto device = bring_up(spec, prepared, *unit, folder.path(), recorder);
  if (!device) {
    measured.failed = device.error();
    return;
  }
  measured.device = std::move(*device);
  fill_device_identity(measured.device, *unit, summary);
  std::future<References> references;
  if (spec.references) {
    references = std::async(std::launch::async, [&] { return gather_references(spec, prepared, recorder); });
  }
  measured.replay = replay(prepared, *measured.device.session, folder, recorder);
  if (references.valid()) {
    measured.references = references.get();
    recorder.done(Phase::kReferences,
                  fmt::format("R0 {}, R1 {} runtimes, R2 {}; {} from the cache", measured.references.r0 ? "yes" : "-", measured.references.r1.size(),
                              measured.references.r2 ? "yes" : "-", measured.references.from_cache),
                  measured.references.seconds);
  }
}

// The run ended early: what is known stays, the verdict says why there is none.
void mark_stopped(const Error& error, results::Summary& summary) {
  const bool by_user = error.code == "base.interrupted";
  summary.verdict = by_user ? "interrupted" : "error";
  summary.exit_code = by_user ? 128 + std::max(interrupted(), 2) : static_cast<int>(exit_code_of(error.code));
  summary.validity = "invalid";
  summary.sentence = fmt::format("{} after {} of {} samples: {}", by_user ? "Interrupted" : "Stopped", summary.samples_done, summary.samples_asked, error.text());
  const ErrorCode* known = find_error_code(error.code);
  const std::string remedy = !error.remedy.empty() || !known || by_user ? error.remedy : std::string(known->remedy);
  summary.issues.insert(summary.issues.begin(), results::Issue{error.code, "error", error.text() + (remedy.empty() ? "" : ". " + remedy)});
}

Status judge_all(const CaseSpec& spec, const Prepared& prepared, Measured& measured, results::Summary& summary, std::vector<results::Flip>& flips) {
  summary.samples_done = static_cast<int64_t>(measured.replay.finished());
  summary.issues.insert(summary.issues.end(), measured.references.issues.begin(), measured.references.issues.end());
  if (!measured.failed) {
    ASSAY_CHECK(fill_cost(prepared, measured.device, measured.replay, summary));
    ASSAY_TRY(flips, fill_accuracy(spec, prepared, measured.references, measured.replay, summary));
  }
  const auto& stopped = measured.failed ? measured.failed : measured.replay.stopped;
  if (stopped) {
    mark_stopped(*stopped, summary);
    return {};
  }
  return fill_verdict(spec, summary);
}

// summary.json, reports, manifest. A report that cannot be written is an error of the run only when the disk says so.
Status finish(const results::RunFolder& folder, const results::Summary& summary) {
  ASSAY_CHECK(folder.write_summary(summary));
  ASSAY_TRY(const report::View view, report::load_view(folder.path()));
  ASSAY_CHECK(report::write_reports(view, folder.path()));
  return folder.write_manifest();
}

}  // namespace

Result<CaseOutcome> run_case(const CaseSpec& spec, const AcquireUnit& acquire, Observer& observer) {
  Stopwatch watch;
  ASSAY_CHECK(metric::check_gates(spec.profile.profile, spec.profile.places));
  ASSAY_TRY(const Prepared prepared, prepare(spec));
  const auto path = spec.folder.empty() ? results::new_run_path(spec.out_dir, spec.profile.profile.profile().name(), spec.board.board().name()) : spec.folder;
  ASSAY_TRY(const results::RunFolder folder, results::RunFolder::create(path));
  ASSAY_TRY(auto writer, folder.event_writer());
  Recorder recorder(std::move(writer), observer);
  CaseOutcome outcome;
  outcome.folder = path;
  results::Summary& summary = outcome.summary;
  summary.run_id = folder.id();
  fill_identity(spec, prepared, summary);
  ASSAY_CHECK(keep_preparation(spec, prepared, folder));
  recorder.done(Phase::kPrepared, describe(prepared), watch.lap());

  Measured measured;
  measure(spec, prepared, acquire, folder, recorder, summary, measured);
  watch.lap();
  if (const Status judged = judge_all(spec, prepared, measured, summary, outcome.flips); !judged) mark_stopped(judged.error(), summary);
  for (const auto& issue : summary.issues) {
    if (issue.severity == "warning") recorder.warning(issue.code, issue.message);
  }
  ASSAY_CHECK(keep_results(prepared, measured.references, measured.replay, outcome.flips, summary, folder));
  recorder.done(Phase::kJudged, fmt::format("{} gates", summary.gates.size()), watch.lap());
  summary.provenance.phase_s = recorder.phase_seconds();
  summary.provenance.duration_s = watch.seconds();
  recorder.verdict(summary.verdict, summary.exit_code, summary.sentence);
  if (recorder.write_error()) return fail(*recorder.write_error());
  ASSAY_CHECK(finish(folder, summary));
  return outcome;
}

}  // namespace assay::run
