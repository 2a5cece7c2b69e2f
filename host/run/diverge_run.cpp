#include "run/diverge_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/files.h"
#include "reference/native.h"
#include "report/formats.h"
#include "report/view.h"
#include "results/npy.h"
#include "run/first_divergence.h"
#include "run/resolved.h"
#include "run/tap_phase.h"

namespace assay::run {
namespace {

using results::RunFolder;

constexpr auto kBudget = std::chrono::minutes(30);

// Keys of profile.lock.toml that decide what the device computes.
constexpr std::string_view kDeciding[] = {"model.sha256",       "model.plan_sha256", "data.hash",
                                          "data.inputs_sha256", "board.name",        "board.sha256",
                                          "firmware.sha256"};

Status check_case(const CaseSpec& spec, const Prepared& prepared, const RunFolder& folder,
                  const results::Summary& summary) {
  const auto file = folder.path(results::file::kProfileLock);
  ASSAY_TRY(const std::string text, read_text(file));
  ASSAY_TRY(const results::CaseLock before, results::CaseLock::parse(text, file.string()));
  ASSAY_TRY(const results::CaseLock now, resolve(spec, prepared, summary.provenance.qemu));
  std::vector<std::string> changed;
  for (const std::string& difference : results::CaseLock::differences(before, now)) {
    const std::string key = difference.substr(0, difference.find(' '));
    if (std::find(std::begin(kDeciding), std::end(kDeciding), key) != std::end(kDeciding))
      changed.push_back(difference);
  }
  if (changed.empty()) return {};
  return fail("diverge.changed", fmt::format("not what the run used: {}", fmt::join(changed, "; ")),
              folder.path().string());
}

Status check_finished(const RunFolder& folder, const results::Summary& summary) {
  if (summary.subject.runner != "native") {
    return fail("diverge.no_r2",
                fmt::format("no first divergence: the runner '{}' has no host build", summary.subject.runner),
                folder.path().string());
  }
  if (folder.complete() && folder.has(results::file::kOutputs) && summary.samples_done > 0) return {};
  return fail("diverge.not_finished", fmt::format("run {} ended before it had outputs", folder.id()),
              folder.path().string());
}

// What the run kept of outputs, in the types of the model.
struct KeptOutputs {
  TensorRows device, r2, baseline;
};

Result<TensorRows> read_outputs(const std::filesystem::path& file, const TensorInfo& info) {
  ASSAY_TRY(TensorRows rows, results::read_npy(file));
  if (rows.info.type != info.type || rows.info.bytes() != info.bytes())
    return fail("diverge.changed",
                fmt::format("it holds {} {}, the model gives {} {}", element_name(rows.info.type),
                            rows.info.shape(), element_name(info.type), info.shape()),
                file.string());
  rows.info = info;
  return rows;
}

// R0, else the primary R1, else R2: what the flips of the run are against.
Result<TensorRows> read_baseline(const RunFolder& folder, const results::Summary& summary,
                                 const Prepared& prepared, const TensorRows& r2) {
  const auto refs = folder.path(results::file::kReferences);
  if (folder.has("refs/r0.npy")) return results::read_npy(refs / "r0.npy");
  for (const auto& reference : summary.references) {
    if (reference.primary) return read_outputs(refs / (reference.id + ".npy"), prepared.output);
  }
  return r2;
}

Result<KeptOutputs> read_kept(const RunFolder& folder, const results::Summary& summary,
                              const Prepared& prepared) {
  KeptOutputs kept;
  ASSAY_TRY(kept.device, read_outputs(folder.path(results::file::kOutputs), prepared.output));
  if (kept.device.rows() == 0 || kept.device.rows() > prepared.dataset.count())
    return fail("diverge.changed",
                fmt::format("the run has {} outputs, the dataset {} samples", kept.device.rows(),
                            prepared.dataset.count()),
                folder.path().string());
  if (folder.has("refs/r2.npy")) {
    ASSAY_TRY(kept.r2, read_outputs(folder.path("refs/r2.npy"), prepared.output));
  } else {  // --no-references
    ASSAY_TRY(auto r2,
              reference::run_native(prepared.plan.bytes, prepared.inputs, {}, Deadline::in(kBudget)));
    kept.r2 = std::move(r2.outputs);
    kept.r2.info = prepared.output;
  }
  if (kept.r2.rows() < kept.device.rows())
    return fail("diverge.changed",
                fmt::format("R2 has {} outputs, the device {}", kept.r2.rows(), kept.device.rows()),
                folder.path().string());
  ASSAY_TRY(kept.baseline, read_baseline(folder, summary, prepared, kept.r2));
  return kept;
}

// A process has a new name each time.
Status check_unit(const CaseSpec& spec, const results::Summary& summary, const probe::Unit& unit) {
  if (spec.board.board().kind() == "process" || summary.target.unit.empty() || summary.target.unit == unit.id)
    return {};
  return fail("diverge.other_unit",
              fmt::format("the run was on unit '{}', this is unit '{}'", summary.target.unit, unit.id),
              unit.serial_address);
}

Status write_again(const RunFolder& folder, const results::Summary& summary) {
  ASSAY_CHECK(folder.write_summary(summary));
  ASSAY_TRY(const report::View view, report::load_view(folder.path()));
  ASSAY_CHECK(report::write_reports(view, folder.path()));
  return folder.write_manifest();
}

// The unit is given back in any case; an error of the capture may be explained by how it ended.
Result<TapPhase> capture_again(const CaseSpec& spec, const Prepared& prepared, const KeptOutputs& kept,
                               const RunFolder& folder, const results::Summary& summary,
                               const AcquireUnit& acquire, Observer& observer, const ReleaseUnit& release) {
  ASSAY_TRY(const probe::Unit unit,
            acquire({.program = {}, .plan = folder.path(results::file::kPlan)}, folder.path()));
  TapPhase phase;
  const Status right = check_unit(spec, summary, unit);
  const TapSides sides{prepared.dataset.ids, kept.device, kept.r2, &kept.baseline};
  if (right) phase = run_tap_phase(spec, prepared, &sides, {unit, acquire}, folder.path(), observer);
  Error* failed = phase.capture && phase.capture->failed ? &*phase.capture->failed : nullptr;
  if (release) {
    if (auto ended = release(failed); ended && failed) *failed = std::move(*ended);
  }
  if (!right) return fail(right.error());
  return phase;
}

}  // namespace

Result<DivergeOutcome> diverge_run(const CaseSpec& spec, const results::RunClaim& claim,
                                   const AcquireUnit& acquire, Observer& observer,
                                   const ReleaseUnit& release) {
  const RunFolder& folder = claim.folder();
  DivergeOutcome outcome;
  results::Summary& summary = outcome.summary;
  ASSAY_TRY(summary, folder.read_summary());
  ASSAY_CHECK(check_finished(folder, summary));
  ASSAY_TRY(const Prepared prepared, prepare(spec));
  ASSAY_CHECK(check_case(spec, prepared, folder, summary));
  ASSAY_TRY(const KeptOutputs kept, read_kept(folder, summary, prepared));
  ASSAY_TRY(const TapChoice choice, tap_choice_of(spec));
  ASSAY_TRY(const TapSamples samples,
            choose_tap_samples(choice, {prepared.dataset.ids, kept.device, kept.r2, &kept.baseline}));
  if (samples.rows.empty()) return outcome;
  ASSAY_TRY(const TapPhase phase,
            capture_again(spec, prepared, kept, folder, summary, acquire, observer, release));
  if (!phase.capture) return fail(phase.issues[0].code, phase.issues[0].message, folder.path().string());
  if (phase.capture->device.empty()) {
    ASSAY_CHECK(folder.write_manifest());  // logs of the attempt came to the folder
    return fail(*phase.capture->failed);
  }
  ASSAY_TRY(FoundDivergence found, judge_capture(spec, prepared, *phase.capture, kept.device, kept.r2));
  ASSAY_CHECK(keep_tensors(spec, prepared, *phase.capture, found, folder.path(results::file::kTensors)));
  std::erase_if(summary.issues,
                [](const results::Issue& issue) { return issue.code.starts_with("diverge."); });
  for (auto& issue : capture_issues(*phase.capture)) summary.issues.push_back(std::move(issue));
  summary.divergence = std::move(found.divergence);
  ASSAY_CHECK(write_again(folder, summary));
  outcome.captured = true;
  return outcome;
}

}  // namespace assay::run
