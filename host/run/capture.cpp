#include "run/capture.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/scratch_folder.h"
#include "model/tflite_import.h"
#include "results/run_folder.h"
#include "run/agent_limits.h"
#include "run/device.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMostBytes = uint64_t{256} << 20;  // of tensors that one run keeps

// Writes the plan and connects to the agent that runs it.
Result<Device> load(const CaseSpec& spec, const Prepared& prepared, const model::Plan& plan,
                    const LeasedUnit& unit, const fs::path& folder) {
  ASSAY_CHECK(make_directories(folder));
  const fs::path file = folder / results::file::kPlan;
  ASSAY_CHECK(write_file(file, plan.bytes));
  probe::Unit now = unit.unit;
  QuietObserver quiet;
  if (spec.board.has_probe()) {
    ASSAY_TRY([[maybe_unused]] const auto identity, write_board(spec.board, firmware_image(spec), plan.bytes,
                                                                now, spec.timeout_multiplier, folder, quiet));
  } else {
    ASSAY_TRY(now, unit.acquire({.program = {}, .plan = file}, folder));
  }
  return connect_agent(spec, prepared, now, folder);
}

// The untapped plan carries the same model hash, so the outputs tell which one runs.
Status check_outputs(const std::vector<TensorInfo>& outputs, const Device& device) {
  const auto& presented = device.model.outputs;
  bool same = presented.size() == outputs.size();
  for (size_t i = 0; same && i < outputs.size(); ++i) same = presented[i].bytes() == outputs[i].bytes();
  if (same) return {};
  return fail("run.wrong_model",
              fmt::format("the agent presents {} outputs, not the {} of the tapped model, or of other sizes",
                          presented.size(), outputs.size()),
              device.board.board);
}

}  // namespace

Result<std::vector<TensorRows>> replay_tapped(const TensorRows& inputs, const std::vector<TensorInfo>& infos,
                                              const std::vector<size_t>& samples, Device& device,
                                              const std::function<void()>& progress) {
  ASSAY_CHECK(check_outputs(infos, device));
  std::vector<TensorRows> outputs;
  for (const TensorInfo& info : infos) outputs.push_back({info, {}});
  for (size_t sample : samples) {
    if (interrupted()) return fail(interruption());
    const std::span<const uint8_t> sent[] = {inputs.row(sample)};
    ASSAY_TRY(const link::Inference inference, device.session->infer(device.model_index, sent));
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto& bytes = inference.outputs[i];
      outputs[i].data.insert(outputs[i].data.end(), bytes.begin(), bytes.end());
    }
    progress();
  }
  return outputs;
}

Status restore(const CaseSpec& spec, const Prepared& prepared, const LeasedUnit& unit) {
  if (!spec.board.has_probe()) return {};
  QuietObserver quiet;
  ASSAY_TRY(const ScratchFolder scratch, ScratchFolder::make("assay-restore-"));
  ASSAY_TRY([[maybe_unused]] const auto identity,
            write_board(spec.board, firmware_image(spec), prepared.plan.bytes, unit.unit,
                        spec.timeout_multiplier, scratch.path(), quiet));
  return {};
}

fs::path plan_folder(const fs::path& folder, size_t k) { return folder / fmt::format("plan{}", k); }

Result<model::TappedPlans> plan_taps(const CaseSpec& spec, const Prepared& prepared, size_t samples) {
  const fs::path file = spec.profile.profile.model().file();
  ASSAY_TRY(const model::Graph graph, model::import_tflite(prepared.model, file.filename().string()));
  ASSAY_TRY(model::TappedPlans taps, model::make_tapped_plans(graph, plan_target(spec.board),
                                                              prepared.model_sha256, {}, kAgentOutputs));
  uint64_t bytes = 0;
  for (const auto& part : taps.plans) {
    for (const TensorInfo& output : part.plan.outputs) bytes += output.bytes();
  }
  if (bytes * samples <= kMostBytes) return taps;
  return fail("run.taps_too_large",
              fmt::format("{} samples of {} bytes of tensors are {} MiB, more than {}", samples, bytes,
                          bytes * samples >> 20, kMostBytes >> 20),
              file.string());
}

Capture capture(const CaseSpec& spec, const Prepared& prepared, model::TappedPlans taps, TapSamples samples,
                const LeasedUnit& unit, const fs::path& folder, Observer& observer) {
  Stopwatch watch;
  Capture capture{
      .samples = std::move(samples), .taps = std::move(taps), .device = {}, .failed = {}, .not_restored = {}};
  const auto& rows = capture.samples.rows;
  const auto total = static_cast<int64_t>(rows.size() * capture.taps.plans.size());
  int64_t done = 0;
  for (size_t k = 0; k < capture.taps.plans.size() && !capture.failed; ++k) {
    const model::Plan& plan = capture.taps.plans[k].plan;
    const auto told = [&] {
      observer.progress(Phase::kTapped, ++done, total,
                        fmt::format("plan {} of {}", k + 1, capture.taps.plans.size()));
    };
    const auto one = [&]() -> Status {
      ASSAY_TRY(Device device, load(spec, prepared, plan, unit, plan_folder(folder, k)));
      ASSAY_TRY(auto outputs, replay_tapped(prepared.inputs, plan.outputs, rows, device, told));
      capture.device.push_back(std::move(outputs));
      return {};
    };
    if (const Status ended = one(); !ended) capture.failed = ended.error();
  }
  if (!interrupted()) {
    if (const Status back = restore(spec, prepared, unit); !back) capture.not_restored = back.error();
  }
  capture.seconds = watch.seconds();
  if (!capture.failed) {
    observer.done(Phase::kTapped,
                  fmt::format("{} sample{} on {} tapped plan{}: {}", rows.size(), rows.size() == 1 ? "" : "s",
                              capture.taps.plans.size(), capture.taps.plans.size() == 1 ? "" : "s",
                              capture.samples.words),
                  capture.seconds);
  }
  return capture;
}

}  // namespace assay::run
