// Tensors from inside the device: chosen samples replayed on tapped plans, after the main run and apart from
// it.
//
// The unit is the leased one of the main run. Boards with a probe get each tapped plan into the model region
// and, at the end, the untapped one again; boards that take their model at start are started anew with each.
// What the tapped runs take is measured by nobody: their times say nothing about the model that ships.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "model/tapped_plans.h"
#include "run/case_spec.h"
#include "run/device.h"
#include "run/observer.h"
#include "run/prepared.h"
#include "run/tap_choice.h"

namespace assay::run {

struct Capture {
  TapSamples samples;
  model::TappedPlans taps;
  std::vector<std::vector<TensorRows>> device;  // per plan, per output of it; one row a sample
  std::vector<std::vector<TensorRows>>
      r2;                       // the same of the host build; empty: whoever judges runs the plans
  bool bisected = false;        // operators that no plan captured were not needed
  bool verified = true;         // of a bisection: what feeds the operator that it found was seen to be equal
  std::optional<Error> failed;  // why it ended early; what was captured before is whole plans
  std::optional<Error> not_restored;
  double seconds = 0;
};

// Where a unit is and how to give it another plan.
struct LeasedUnit {
  probe::Unit unit;
  const AcquireUnit& acquire;
};

// The phases of a tapped plan are told as one.
class QuietObserver final : public Observer {
 public:
  void done(Phase, const std::string&, double) override {}
  void progress(Phase, int64_t, int64_t, const std::string&) override {}
  void warning(const std::string&, const std::string&) override {}
};

// `samples` through the model that `device` presents, one TensorRows per entry of `outputs`, which the
// model's outputs must be: run.wrong_model. Errors of link; base.interrupted.
Result<std::vector<TensorRows>> replay_tapped(const TensorRows& inputs,
                                              const std::vector<TensorInfo>& outputs,
                                              const std::vector<size_t>& samples, Device& device,
                                              const std::function<void()>& progress);

// What the main run ran, back on the board; nothing for a process, which ends with the run.
Status restore(const CaseSpec& spec, const Prepared& prepared, const LeasedUnit& unit);

// The tapped plans of a case. Errors of make_tapped_plans; run.taps_too_large: what `samples` would bring is
// more than a run keeps.
Result<model::TappedPlans> plan_taps(const CaseSpec& spec, const Prepared& prepared, size_t samples);

// <folder>/plan<k>: what tapped plan k was and what the board said meanwhile.
std::filesystem::path plan_folder(const std::filesystem::path& folder, size_t k);

// Never fails as a whole: see Capture::failed. `folder`: <run>/tensors; plans and logs of each go to plan<k>/
// below it. The session of the main run must be closed.
Capture capture(const CaseSpec& spec, const Prepared& prepared, model::TappedPlans taps, TapSamples samples,
                const LeasedUnit& unit, const std::filesystem::path& folder, Observer& observer);

}  // namespace assay::run
