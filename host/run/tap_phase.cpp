#include "run/tap_phase.h"

#include "results/run_folder.h"
#include "run/own_firmware.h"
#include "run/tapped_firmware.h"
#include "run/tapped_models.h"

namespace assay::run {
namespace {

Result<std::optional<Capture>> chosen_capture(const CaseSpec& spec, const Prepared& prepared,
                                              const TapChoice& choice, const TapSides& sides,
                                              const LeasedUnit& unit, const std::filesystem::path& run_folder,
                                              Observer& observer) {
  ASSAY_TRY(TapSamples samples, choose_tap_samples(choice, sides));
  if (samples.rows.empty()) return std::optional<Capture>();
  const config::Profile& profile = spec.profile.profile;
  if (has_own_firmware(profile)) {
    if (!takes_models(profile) || !profile.engine().call().empty())
      return fail("diverge.fixed_model", "the firmware cannot be given a tapped model",
                  spec.profile.file.string(), "Say in [engine] how it takes one: `model_symbol` or `build`.");
    ASSAY_TRY(Capture captured,
              capture_models(spec, prepared, std::move(samples), choice.kind == TapChoice::Kind::kAll, sides,
                             unit, run_folder / results::file::kTensors, observer));
    return std::optional(std::move(captured));
  }
  ASSAY_TRY(model::TappedPlans taps, plan_taps(spec, prepared, samples.rows.size()));
  return std::optional(capture(spec, prepared, std::move(taps), std::move(samples), unit,
                               run_folder / results::file::kTensors, observer));
}

}  // namespace

Result<TapChoice> tap_choice_of(const CaseSpec& spec) {
  if (!spec.taps.empty()) return parse_tap_choice(spec.taps);
  auto choice = parse_tap_choice(spec.profile.profile.taps().samples());
  if (choice) return choice;
  Error error = choice.error();
  error.where = spec.profile.file.string() + ": taps.samples";
  return fail(std::move(error));
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
