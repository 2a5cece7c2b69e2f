#include "run/prepared.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/files.h"
#include "dataset/quantise.h"
#include "model/tflite_import.h"
#include "run/own_firmware.h"
#include "run/probe_only.h"
#include "run/tap_phase.h"

namespace assay::run {
namespace {

// The engine keeps raw inputs of the wrong size from reaching a device; here the message can name both sides.
Status check_border(const model::Plan& plan, const std::string& file) {
  if (plan.inputs.size() == 1 && !plan.outputs.empty()) return {};
  return fail("run.multiple_inputs",
              fmt::format("the model has {} inputs and {} outputs; a dataset row is one input",
                          plan.inputs.size(), plan.outputs.size()),
              file);
}

// Where no board of ours runs the model, only what goes in and out of it must be readable.
Status plan_model(const CaseSpec& spec, const std::filesystem::path& file, bool desktop, Prepared& prepared) {
  const std::string name = file.filename().string();
  const config::Model& model = spec.profile.profile.model();
  if (has_own_firmware(spec.profile.profile) || model.input_size() > 0 || model.output_size() > 0) {
    if (has_own_firmware(spec.profile.profile) && !desktop) ASSAY_CHECK(check_firmware(spec));
    ASSAY_TRY(prepared.plan, read_foreign_model(spec, prepared.model));
    return {};
  }
  if (desktop) {
    ASSAY_TRY(model::Border border, model::read_border(prepared.model, name));
    prepared.plan.inputs = std::move(border.inputs);
    prepared.plan.outputs = std::move(border.outputs);
    return {};
  }
  ASSAY_TRY(const model::Graph graph, model::import_tflite(prepared.model, name));
  ASSAY_TRY(prepared.plan, model::make_plan(graph, plan_target(spec.board), prepared.model_sha256));
  return {};
}

Result<metric::TaskSetup> task_of(const config::Profile& profile, const Prepared& prepared) {
  metric::TaskSamples samples{.ids = prepared.dataset.ids,
                              .rows = prepared.dataset.rows,
                              .classes = prepared.dataset.classes,
                              .labels = prepared.dataset.labels,
                              .outputs = prepared.output.elements()};
  for (const auto& column : prepared.dataset.slices) samples.columns.push_back(column.name);
  return metric::load_task(profile, samples);
}

Result<Prepared> prepare_for(const CaseSpec& spec, bool desktop) {
  const config::Profile& profile = spec.profile.profile;
  Prepared prepared;
  ASSAY_TRY(prepared.model, read_bytes(profile.model().file()));
  prepared.model_sha256 = sha256_hex(prepared.model);
  const std::filesystem::path file = profile.model().file();
  ASSAY_CHECK(plan_model(spec, file, desktop, prepared));
  ASSAY_CHECK(check_border(prepared.plan, file.string()));
  prepared.input = prepared.plan.inputs[0];
  prepared.output = prepared.plan.outputs[0];
  if (is_probe_only(profile) && !desktop) {
    // Read again when the board is there; here for its errors.
    ASSAY_CHECK(read_program(spec, prepared.plan.inputs, prepared.plan.outputs));
  }
  ASSAY_TRY(const dataset::Dataset whole, dataset::open_dataset(profile.data()));
  ASSAY_TRY(prepared.dataset, dataset::take(whole, spec.slice, spec.seed));
  ASSAY_TRY(const TapChoice taps, tap_choice_of(spec));
  ASSAY_CHECK(check_tap_ids(taps, prepared.dataset.ids));
  prepared.stored_for = prepared.input;
  if (!spec.stored_for.empty()) {
    ASSAY_TRY(const auto bytes, read_bytes(spec.stored_for));
    ASSAY_TRY(const model::Border border,
              model::read_border(bytes, std::filesystem::path(spec.stored_for).filename().string()));
    prepared.stored_for = border.inputs[0];
  }
  ASSAY_TRY(prepared.inputs,
            dataset::quantise_inputs(prepared.dataset, prepared.input, &prepared.stored_for));
  ASSAY_TRY(prepared.task, task_of(profile, prepared));
  return prepared;
}

}  // namespace

model::PlanTarget plan_target(const config::Board& board) {
  return {.core = board.board().core(),
          .region_bytes = static_cast<uint64_t>(board.model_region().size()),
          .arena_bytes = static_cast<uint64_t>(board.model_region().arena_bytes())};
}

Result<Prepared> prepare(const CaseSpec& spec) { return prepare_for(spec, spec.recorded.has_value()); }

Result<Prepared> prepare_desktop(const CaseSpec& spec) { return prepare_for(spec, true); }

std::string describe(const Prepared& prepared) {
  if (prepared.plan.bytes.empty()) {
    return fmt::format("{} samples{}", prepared.dataset.count(),
                       prepared.dataset.labelled() ? "" : " without labels");
  }
  return fmt::format("{} operators, plan {:.1f} KiB, arena {:.1f} KiB, {} samples{}",
                     prepared.plan.ops.size(), static_cast<double>(prepared.plan.bytes.size()) / 1024,
                     static_cast<double>(prepared.plan.arena_bytes) / 1024, prepared.dataset.count(),
                     prepared.dataset.labelled() ? "" : " without labels");
}

}  // namespace assay::run
