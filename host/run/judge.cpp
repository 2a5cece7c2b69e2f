#include "run/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error_codes.h"
#include "metric/classification.h"
#include "metric/evaluate.h"
#include "metric/gates.h"

namespace assay::run {
namespace {

// The rows of a reference that the device finished too.
TensorRows first_rows(const TensorRows& rows, size_t count) {
  TensorRows cut{rows.info, rows.data};
  cut.data.resize(std::min(rows.rows(), count) * rows.info.bytes());
  return cut;
}

// The references cut to the finished samples; observations point into it.
struct Sides {
  std::optional<TensorRows> r0, r2, real;
  std::vector<TensorRows> r1;
  TensorRows inputs;
};

Sides cut_sides(const Prepared& prepared, const References& references, size_t count) {
  Sides sides;
  if (references.r0) sides.r0 = first_rows(references.r0->outputs, count);
  if (references.r2) sides.r2 = first_rows(references.r2->outputs, count);
  if (references.inputs_real) sides.real = first_rows(*references.inputs_real, count);
  for (const auto& r1 : references.r1) sides.r1.push_back(first_rows(r1.outputs, count));
  sides.inputs = first_rows(prepared.inputs, count);
  return sides;
}

// The truth of the samples that finished.
metric::TaskSetup finished_task(metric::TaskSetup task, int64_t outputs, int64_t first_row, size_t count) {
  if (!task.targets.empty()) task.targets.resize(std::min(task.targets.size(), count * static_cast<size_t>(outputs)));
  std::erase_if(task.boxes, [&](const metric::TruthBox& box) { return box.sample >= static_cast<int64_t>(count); });
  const double end_s = static_cast<double>(first_row + static_cast<int64_t>(count)) * task.hop_s;
  std::erase_if(task.events, [&](const metric::TruthEvent& event) { return event.start_s >= end_s; });
  return task;
}

// Which samples a [[slice]] of the profile holds. One that holds none of the chosen samples, or names a column that
// the dataset lacks, is empty: its row in the summary has support 0.
std::vector<metric::NamedSlice> named_slices(const config::Profile& profile, const dataset::Dataset& data, size_t count) {
  std::vector<metric::NamedSlice> named;
  for (const auto& slice : profile.slice()) {
    named.push_back({slice.name(), std::vector<uint8_t>(count, 0)});
    dataset::Slice choice;
    auto where = dataset::parse_where(slice.where());
    if (!where) continue;
    choice.where = std::move(*where);
    const auto chosen = dataset::take(data, choice);
    for (size_t i = 0, next = 0; chosen && i < count && next < chosen->rows.size(); ++i) {
      if (data.rows[i] != chosen->rows[next]) continue;
      named.back().member[i] = 1;
      ++next;
    }
  }
  return named;
}

metric::Observations observe(const CaseSpec& spec, const Prepared& prepared, const References& references, const Sides& sides, size_t count,
                             const std::string& device_kind) {
  metric::Observations observed;
  const dataset::Dataset& data = prepared.dataset;
  if (data.labelled()) observed.labels.assign(data.labels.begin(), data.labels.begin() + static_cast<std::ptrdiff_t>(count));
  observed.classes = data.classes;
  observed.ids.assign(data.ids.begin(), data.ids.begin() + static_cast<std::ptrdiff_t>(count));
  observed.r0 = sides.r0 ? &*sides.r0 : nullptr;
  observed.r2 = sides.r2 ? &*sides.r2 : nullptr;
  for (size_t i = 0; i < sides.r1.size(); ++i) observed.r1.push_back({references.r1[i].info.id, &sides.r1[i]});
  observed.inputs_real = sides.real ? &*sides.real : nullptr;
  observed.inputs_quantised = &sides.inputs;
  observed.channels = data.channels;
  observed.device_kind = device_kind;
  observed.seed = spec.seed;
  observed.task = finished_task(prepared.task, prepared.output.elements(), data.rows.front(), count);
  observed.rows.assign(data.rows.begin(), data.rows.begin() + static_cast<std::ptrdiff_t>(count));
  for (const auto& column : data.slices) observed.slice_columns.push_back({column.name, std::span(column.values).first(count)});
  observed.named_slices = named_slices(spec.profile.profile, data, count);
  return observed;
}

void list_references(const Prepared& prepared, const References& references, results::Summary& summary) {
  auto add = [&](const reference::ReferenceOutputs& outputs) {
    results::Reference info = outputs.info;
    const bool classes = prepared.task.kind.empty() || prepared.task.kind == "classification";
    if (classes && prepared.dataset.labelled() && outputs.outputs.rows() == prepared.dataset.count()) {
      info.top1 = metric::accuracy_figure(prepared.dataset.labels, metric::decide_rows(outputs.outputs).top, "host");
    }
    summary.references.push_back(std::move(info));
  };
  if (references.r0) add(*references.r0);
  for (const auto& r1 : references.r1) add(r1);
  if (references.r2) add(*references.r2);
}

// What a variant can be judged by on the desktop.
bool about_answers(const std::string& metric) {
  constexpr const char* kAbout[] = {"accuracy.", "regression.", "anomaly.", "detection.", "streaming."};
  return std::any_of(std::begin(kAbout), std::end(kAbout), [&](const char* prefix) { return metric.starts_with(prefix); });
}

// Would the gates on answers pass if this had run on the device? nullopt without such gates.
std::optional<bool> accuracy_gates_pass(const CaseSpec& spec, const metric::Evaluation& evaluation, size_t count) {
  config::Profile profile = spec.profile.profile;
  profile.clear_gate();
  for (const auto& gate : spec.profile.profile.gate()) {
    if (about_answers(gate.metric())) *profile.add_gate() = gate;
  }
  if (profile.gate_size() == 0) return std::nullopt;
  results::Summary summary;
  summary.samples_done = static_cast<int64_t>(count);
  summary.accuracy = evaluation.accuracy;
  summary.task = evaluation.task;
  summary.slices = evaluation.slices;
  const auto judged = metric::judge(profile, {}, summary);
  return judged && judged->verdict == "pass";
}

// A variant stands where the device would stand, against the same baseline.
Result<results::Variant> evaluate_variant(const CaseSpec& spec, const metric::Observations& base, const VariantOutputs& outputs, size_t count) {
  const config::Variant& wanted = spec.profile.profile.variant(outputs.index);
  const TensorRows rows = first_rows(outputs.outputs, count);
  metric::Observations observed = base;
  observed.r1.clear();
  observed.r2 = nullptr;
  // Reconstruction needs the inputs; what quantising them lost is told once, of the deployed model.
  if (observed.task.kind != "anomaly") observed.inputs_real = observed.inputs_quantised = nullptr;
  observed.device = &rows;
  observed.device_kind = "host";
  // Without R0 the primary runtime of the deployed model is the baseline, as in the summary.
  if (!observed.r0 && !base.r1.empty()) observed.r1 = {base.r1[0]};
  results::Variant variant{.name = wanted.name(),
                           .model_file = std::filesystem::path(wanted.file()).filename().string(),
                           .where = fmt::format("desktop, {} {} {}", outputs.info.runtime, outputs.info.version, outputs.info.resolver),
                           .note = wanted.note(),
                           .model_bytes = outputs.model_bytes};
  ASSAY_TRY(const metric::Evaluation evaluation, metric::evaluate(observed));
  if (evaluation.accuracy) {
    const results::Accuracy& accuracy = *evaluation.accuracy;
    variant.top1 = accuracy.device;
    variant.broken = accuracy.broken;
    variant.fixed = accuracy.fixed;
    if (accuracy.worst_class) {
      const auto& row = accuracy.classes[static_cast<size_t>(*accuracy.worst_class)];
      variant.worst_class = row.name;
      variant.worst_delta = row.delta;
    }
  }
  if (evaluation.accuracy || evaluation.task) variant.would_pass = accuracy_gates_pass(spec, evaluation, count);
  return variant;
}

// References that were to run and broke: what a pass would rest on is not known.
std::string broken_references(const results::Summary& summary) {
  for (const auto& issue : summary.issues) {
    for (const char* code : {"reference.worker_died", "reference.worker_garbage", "reference.worker_timeout", "reference.shape", "reference.nonfinite", "reference.unavailable"}) {
      if (issue.code == code) return issue.message;
    }
  }
  return {};
}

// Outputs that are NaN on one side only are a fault whatever the gates ask.
void fail_on_nonfinite(results::Summary& summary) {
  for (const auto& issue : summary.issues) {
    if (issue.code != "metric.nonfinite_disagreement") continue;
    summary.verdict = "fail";
    summary.exit_code = static_cast<int>(Exit::kGateFailed);
    summary.sentence = issue.message + ".";
  }
}

}  // namespace

Result<std::vector<results::Flip>> fill_accuracy(const CaseSpec& spec, const Prepared& prepared, const References& references,
                                                 const Replay& replay, results::Summary& summary) {
  list_references(prepared, references, summary);
  const size_t count = replay.finished();
  if (count == 0) return std::vector<results::Flip>{};
  const Sides sides = cut_sides(prepared, references, count);
  metric::Observations observed =
      observe(spec, prepared, references, sides, count, summary.target.emulated ? "emulated" : summary.target.mode == "process" ? "host" : "measured");
  observed.device = &replay.outputs;
  ASSAY_TRY(metric::Evaluation evaluation, metric::evaluate(observed));
  summary.accuracy = std::move(evaluation.accuracy);
  summary.task = std::move(evaluation.task);
  summary.slices = std::move(evaluation.slices);
  summary.tensors = std::move(evaluation.tensors);
  summary.attribution = std::move(evaluation.attribution);
  summary.input_channels = std::move(evaluation.input_channels);
  summary.issues.insert(summary.issues.end(), evaluation.issues.begin(), evaluation.issues.end());
  for (const VariantOutputs& outputs : references.variants) {
    auto variant = evaluate_variant(spec, observed, outputs, count);
    if (variant) {
      summary.variants.push_back(std::move(*variant));
    } else {
      summary.issues.push_back({variant.error().code, "warning", fmt::format("a variant could not be judged: {}", variant.error().text())});
    }
  }
  return std::move(evaluation.flips);
}

Status fill_verdict(const CaseSpec& spec, results::Summary& summary) {
  ASSAY_TRY(metric::Judgement judgement, metric::judge(spec.profile.profile, spec.profile.places, summary));
  summary.gates = std::move(judgement.gates);
  summary.verdict = std::move(judgement.verdict);
  summary.exit_code = judgement.exit_code;
  summary.sentence = summary.attribution && summary.verdict == "fail" && !summary.attribution->sentence.empty() ? summary.attribution->sentence
                                                                                                               : std::move(judgement.sentence);
  if (const std::string broken = broken_references(summary); summary.verdict == "pass" && !broken.empty()) {
    summary.verdict = "inconclusive";
    summary.exit_code = static_cast<int>(Exit::kInconclusive);
    summary.sentence = "The gates hold without a reference that broke: " + broken;
  }
  fail_on_nonfinite(summary);
  return {};
}

}  // namespace assay::run
