#include "run/prepared.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/files.h"
#include "dataset/quantise.h"
#include "model/tflite_import.h"
#include "run/tap_phase.h"

namespace assay::run {
namespace {

// The engine keeps raw inputs of the wrong size from reaching a device; here the message can name both sides.
Status check_border(const model::Plan& plan, const std::string& file) {
  if (plan.inputs.size() == 1 && !plan.outputs.empty()) return {};
  return fail("run.multiple_inputs",
              fmt::format("the model has {} inputs and {} outputs; a dataset row is one input", plan.inputs.size(), plan.outputs.size()),
              file);
}

}  // namespace

model::PlanTarget plan_target(const config::Board& board) {
  return {.core = board.board().core(),
          .region_bytes = static_cast<uint64_t>(board.model_region().size()),
          .arena_bytes = static_cast<uint64_t>(board.model_region().arena_bytes())};
}

Result<Prepared> prepare(const CaseSpec& spec) {
  const config::Profile& profile = spec.profile.profile;
  Prepared prepared;
  ASSAY_TRY(prepared.model, read_bytes(profile.model().file()));
  prepared.model_sha256 = sha256_hex(prepared.model);
  const std::filesystem::path file = profile.model().file();
  ASSAY_TRY(const model::Graph graph, model::import_tflite(prepared.model, file.filename().string()));
  ASSAY_TRY(prepared.plan, model::make_plan(graph, plan_target(spec.board), prepared.model_sha256));
  ASSAY_CHECK(check_border(prepared.plan, file.string()));
  prepared.input = prepared.plan.inputs[0];
  prepared.output = prepared.plan.outputs[0];
  ASSAY_TRY(const dataset::Dataset whole, dataset::open_dataset(profile.data()));
  ASSAY_TRY(prepared.dataset, dataset::take(whole, spec.slice, spec.seed));
  ASSAY_TRY(const TapChoice taps, tap_choice_of(spec));
  ASSAY_CHECK(check_tap_ids(taps, prepared.dataset.ids));
  ASSAY_TRY(prepared.inputs, dataset::quantise_inputs(prepared.dataset, prepared.input, &prepared.input));
  metric::TaskSamples samples{.ids = prepared.dataset.ids,
                              .rows = prepared.dataset.rows,
                              .classes = prepared.dataset.classes,
                              .labels = prepared.dataset.labels,
                              .outputs = prepared.output.elements()};
  for (const auto& column : prepared.dataset.slices) samples.columns.push_back(column.name);
  ASSAY_TRY(prepared.task, metric::load_task(profile, samples));
  return prepared;
}

std::string describe(const Prepared& prepared) {
  return fmt::format("{} operators, plan {:.1f} KiB, arena {:.1f} KiB, {} samples{}", prepared.plan.ops.size(),
                     static_cast<double>(prepared.plan.bytes.size()) / 1024,
                     static_cast<double>(prepared.plan.arena_bytes) / 1024, prepared.dataset.count(),
                     prepared.dataset.labelled() ? "" : " without labels");
}

}  // namespace assay::run
