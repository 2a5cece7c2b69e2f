#include "run/tap_phase.h"

#include "results/run_folder.h"

namespace assay::run {
namespace {

Result<std::optional<Capture>> chosen_capture(const CaseSpec& spec, const Prepared& prepared,
                                              const TapChoice& choice, const TapSides& sides,
                                              const LeasedUnit& unit, const std::filesystem::path& run_folder,
                                              Observer& observer) {
  ASSAY_TRY(TapSamples samples, choose_tap_samples(choice, sides));
  if (samples.rows.empty()) return std::optional<Capture>();
  ASSAY_TRY(model::TappedPlans taps, plan_taps(spec, prepared, samples.rows.size()));
  return std::optional(capture(spec, prepared, std::move(taps), std::move(samples), unit,
                               run_folder / results::file::kTensors, observer));
}

}  // namespace

Result<TapChoice> tap_choice_of(const CaseSpec& spec) {
  return parse_tap_choice(spec.taps.empty() ? spec.profile.profile.taps().samples() : spec.taps);
}

TapPhase run_tap_phase(const CaseSpec& spec, const Prepared& prepared, const TapSides* sides,
                       const LeasedUnit& unit, const std::filesystem::path& run_folder, Observer& observer) {
  TapPhase phase;
  const auto choice = tap_choice_of(spec);
  if (!choice || choice->kind == TapChoice::Kind::kNone)
    return phase;  // a wrong one was refused before the run
  if (!sides) {
    if (choice->kind != TapChoice::Kind::kAuto) {
      phase.issues.push_back(
          {"diverge.no_r2", "warning",
           "no first divergence: this run has no host build (R2) to compare operators with"});
    }
    return phase;
  }
  auto captured = chosen_capture(spec, prepared, *choice, *sides, unit, run_folder, observer);
  if (captured) {
    phase.capture = std::move(*captured);
  } else {
    phase.issues.push_back(
        {captured.error().code, "warning", "no first divergence: " + captured.error().text()});
  }
  return phase;
}

}  // namespace assay::run
