#include "run/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>

#include "base/error_codes.h"
#include "metric/classification.h"
#include "metric/evaluate.h"
#include "metric/gates.h"
#include "run/own_firmware.h"

namespace assay::run {
namespace {

// The rows of a reference that the device finished too.
TensorRows first_rows(const TensorRows& rows, size_t count) {
  TensorRows cut{rows.info, rows.data};
  cut.data.resize(std::min(rows.rows(), count) * rows.info.bytes());
  return cut;
}

// The references cut to the finished samples; observations point into it. Of a run that finished nothing is
// copied: ten thousand samples in real units are many megabytes.
struct Sides {
  const TensorRows *r0 = nullptr, *r2 = nullptr, *real = nullptr, *inputs = nullptr;
  std::vector<const TensorRows*> r1;
  std::list<TensorRows> cut;

  const TensorRows* take(const TensorRows& rows, size_t count) {
    return rows.rows() <= count ? &rows : &cut.emplace_back(first_rows(rows, count));
  }
};

Sides cut_sides(const Prepared& prepared, const References& references, size_t count) {
  Sides sides;
  if (references.r0) sides.r0 = sides.take(references.r0->outputs, count);
  if (references.r2) sides.r2 = sides.take(references.r2->outputs, count);
  if (references.inputs_real) sides.real = sides.take(*references.inputs_real, count);
  for (const auto& r1 : references.r1) sides.r1.push_back(sides.take(r1.outputs, count));
  sides.inputs = sides.take(prepared.inputs, count);
  return sides;
}

// The truth of the samples that finished.
metric::TaskSetup finished_task(metric::TaskSetup task, int64_t outputs, int64_t first_row, size_t count) {
  if (!task.targets.empty())
    task.targets.resize(std::min(task.targets.size(), count * static_cast<size_t>(outputs)));
  std::erase_if(task.boxes,
                [&](const metric::TruthBox& box) { return box.sample >= static_cast<int64_t>(count); });
  const double end_s = static_cast<double>(first_row + static_cast<int64_t>(count)) * task.hop_s;
  std::erase_if(task.events, [&](const metric::TruthEvent& event) { return event.start_s >= end_s; });
  return task;
}

// Which samples a [[slice]] of the profile holds. One that holds none of the chosen samples, or names a
// column that the dataset lacks, is empty: its row in the summary has support 0.
std::vector<metric::NamedSlice> named_slices(const config::Profile& profile, const dataset::Dataset& data,
                                             size_t count) {
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

metric::Observations observe(const CaseSpec& spec, const Prepared& prepared, const References& references,
                             const Sides& sides, size_t count, const std::string& device_kind) {
  metric::Observations observed;
  const dataset::Dataset& data = prepared.dataset;
  if (data.labelled())
    observed.labels.assign(data.labels.begin(), data.labels.begin() + static_cast<std::ptrdiff_t>(count));
  observed.classes = data.classes;
  observed.ids.assign(data.ids.begin(), data.ids.begin() + static_cast<std::ptrdiff_t>(count));
  observed.r0 = sides.r0;
  observed.r2 = sides.r2;
  for (size_t i = 0; i < sides.r1.size(); ++i) observed.r1.push_back({references.r1[i].info.id, sides.r1[i]});
  observed.inputs_real = sides.real;
  observed.inputs_quantised = sides.inputs;
  observed.channels = data.channels;
  observed.device_kind = device_kind;
  const auto& references_of = spec.profile.profile.references();
  if (references_of.has_port_tolerance()) observed.port_tolerance = references_of.port_tolerance();
  observed.only_own_engine = !has_desktop_runtime(spec.profile.profile);
  observed.seed = spec.seed;
  observed.task = finished_task(prepared.task, prepared.output.elements(), data.rows.front(), count);
  observed.rows.assign(data.rows.begin(), data.rows.begin() + static_cast<std::ptrdiff_t>(count));
  for (const auto& column : data.slices)
    observed.slice_columns.push_back({column.name, std::span(column.values).first(count)});
  observed.named_slices = named_slices(spec.profile.profile, data, count);
  return observed;
}

void list_references(const Prepared& prepared, const References& references, results::Summary& summary) {
  auto add = [&](const reference::ReferenceOutputs& outputs) {
    results::Reference info = outputs.info;
    const bool classes = prepared.task.kind.empty() || prepared.task.kind == "classification";
    if (classes && prepared.dataset.labelled() && outputs.outputs.rows() == prepared.dataset.count()) {
      info.top1 =
          metric::accuracy_figure(prepared.dataset.labels, metric::decide_rows(outputs.outputs).top, "host");
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
  return std::any_of(std::begin(kAbout), std::end(kAbout),
                     [&](const char* prefix) { return metric.starts_with(prefix); });
}

// Would the gates on answers pass if this had run on the device? nullopt without such gates.
std::optional<bool> accuracy_gates_pass(const CaseSpec& spec, const metric::Evaluation& evaluation,
                                        size_t count) {
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

// What an alternative gave on the desktop.
struct DesktopRow {
  std::string name, file, note;
  const TensorRows& outputs;
  const results::Reference& info;
  int64_t model_bytes = 0;
};

void take_accuracy(const results::Accuracy& accuracy, results::Variant& variant) {
  variant.top1 = accuracy.device;
  variant.broken = accuracy.broken;
  variant.fixed = accuracy.fixed;
  variant.worst_class.clear();
  variant.worst_delta.reset();
  variant.worst_n.reset();
  if (!accuracy.worst_class) return;
  const auto& row = accuracy.classes[static_cast<size_t>(*accuracy.worst_class)];
  variant.worst_class = row.name;
  variant.worst_delta = row.delta;
  variant.worst_n = row.support;
}

// An alternative stands where the device would stand, against the same baseline.
Result<results::Variant> evaluate_row(const CaseSpec& spec, const metric::Observations& base,
                                      const DesktopRow& row, size_t count) {
  const TensorRows rows = first_rows(row.outputs, count);
  metric::Observations observed = base;
  observed.r1.clear();
  observed.r2 = nullptr;
  // Reconstruction needs the inputs; what quantising them lost is told once, of the deployed model.
  if (observed.task.kind != "anomaly") observed.inputs_real = observed.inputs_quantised = nullptr;
  observed.device = &rows;
  observed.device_kind = "host";
  // Without R0 the primary runtime of the deployed model is the baseline, as in the summary.
  if (!observed.r0 && !base.r1.empty()) observed.r1 = {base.r1[0]};
  results::Variant variant{
      .name = row.name,
      .model_file = std::filesystem::path(row.file).filename().string(),
      .where = fmt::format("desktop, {} {} {}", row.info.runtime, row.info.version, row.info.resolver),
      .note = row.note,
      .model_bytes = row.model_bytes};
  ASSAY_TRY(const metric::Evaluation evaluation, metric::evaluate(observed));
  if (evaluation.accuracy) {
    take_accuracy(*evaluation.accuracy, variant);
  }
  if (evaluation.accuracy || evaluation.task)
    variant.would_pass = accuracy_gates_pass(spec, evaluation, count);
  return variant;
}

Result<results::Variant> evaluate_variant(const CaseSpec& spec, const metric::Observations& base,
                                          const VariantOutputs& outputs, size_t count) {
  const config::Variant& wanted = spec.profile.profile.variant(outputs.index);
  return evaluate_row(
      spec, base,
      {wanted.name(), wanted.file(), wanted.note(), outputs.outputs, outputs.info, outputs.model_bytes},
      count);
}

// What ran on the board stands for what ran on the desktop.
void list_measured(const CaseSpec& spec, results::Summary& summary) {
  for (const results::Variant& measured : spec.measured) {
    const auto same = std::find_if(summary.variants.begin(), summary.variants.end(),
                                   [&](const auto& v) { return v.name == measured.name; });
    if (same == summary.variants.end()) {
      summary.variants.push_back(measured);
    } else {
      *same = measured;
    }
  }
}

// Why the port is not judged by bits, where somebody would expect it.
void tell_port(const CaseSpec& spec, results::Summary& summary) {
  const results::Attribution& a = *summary.attribution;
  const bool own = has_own_firmware(spec.profile.profile);
  if (!(spec.recorded || own) || a.port_bits || a.port_tolerance) return;
  if (!a.port_max_error) {
    summary.issues.push_back(
        {"metric.port_unknown", "note",
         fmt::format("port not attributable: no host build of the engine that {}; declare one as "
                     "[[references.other]] of level R2",
                     own ? "the firmware runs" : "was recorded")});
    return;
  }
  if (!spec.recorded) return;
  const int64_t decimals = spec.recorded->decimals();
  summary.issues.push_back(
      {"metric.port_unknown", "note",
       fmt::format("port not attributable to bits: the outputs are {}; to judge them by their distance "
                   "from R2, declare port_tolerance in [references]",
                   decimals > 0 ? fmt::format("rounded to {} decimals", decimals) : "rounded numbers")});
}

// References that were to run and broke: what a pass would rest on is not known.
std::string broken_references(const results::Summary& summary) {
  for (const auto& issue : summary.issues) {
    for (const char* code :
         {"reference.worker_died", "reference.worker_garbage", "reference.worker_timeout", "reference.shape",
          "reference.nonfinite", "reference.unavailable", "reference.recorded"}) {
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

Result<std::vector<results::Flip>> fill_accuracy(const CaseSpec& spec, const Prepared& prepared,
                                                 const References& references, const Replay& replay,
                                                 results::Summary& summary) {
  list_references(prepared, references, summary);
  const size_t count = replay.finished();
  if (count == 0) return std::vector<results::Flip>{};
  const Sides sides = cut_sides(prepared, references, count);
  metric::Observations observed = observe(spec, prepared, references, sides, count,
                                          summary.target.emulated            ? "emulated"
                                          : summary.target.mode == "process" ? "host"
                                                                             : "measured");
  observed.device = &replay.outputs;
  ASSAY_TRY(metric::Evaluation evaluation, metric::evaluate(observed));
  summary.accuracy = std::move(evaluation.accuracy);
  summary.task = std::move(evaluation.task);
  summary.slices = std::move(evaluation.slices);
  summary.tensors = std::move(evaluation.tensors);
  summary.attribution = std::move(evaluation.attribution);
  if (summary.attribution) tell_port(spec, summary);
  summary.input_channels = std::move(evaluation.input_channels);
  summary.issues.insert(summary.issues.end(), evaluation.issues.begin(), evaluation.issues.end());
  for (const VariantOutputs& outputs : references.variants) {
    auto variant = evaluate_variant(spec, observed, outputs, count);
    if (variant) {
      summary.variants.push_back(std::move(*variant));
    } else {
      summary.issues.push_back({variant.error().code, "warning",
                                fmt::format("a variant could not be judged: {}", variant.error().text())});
    }
  }
  list_measured(spec, summary);
  return std::move(evaluation.flips);
}

std::vector<results::Variant> desktop_variants(const CaseSpec& spec, const Prepared& prepared,
                                               const References& references,
                                               std::vector<results::Issue>& issues) {
  const size_t count = prepared.dataset.count();
  const Sides sides = cut_sides(prepared, references, count);
  const metric::Observations observed = observe(spec, prepared, references, sides, count, "host");
  const config::Profile& profile = spec.profile.profile;
  std::vector<results::Variant> rows;
  const auto add = [&](Result<results::Variant> row, const std::string& name) {
    if (row) return rows.push_back(std::move(*row));
    issues.push_back(
        {row.error().code, "warning", fmt::format("{} could not be judged: {}", name, row.error().text())});
  };
  const auto size_of = [](const std::string& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    return error ? int64_t{0} : static_cast<int64_t>(bytes);
  };
  if (references.r0) {
    const std::string& file = profile.model().float_file();
    add(evaluate_row(spec, observed,
                     {kFloatRow, file, "", references.r0->outputs, references.r0->info, size_of(file)},
                     count),
        kFloatRow);
  }
  if (!references.r1.empty()) {
    const std::string& file = profile.model().file();
    add(evaluate_row(spec, observed,
                     {kDeployedRow, file, "", references.r1[0].outputs, references.r1[0].info, size_of(file)},
                     count),
        kDeployedRow);
  }
  for (const VariantOutputs& outputs : references.variants) {
    add(evaluate_variant(spec, observed, outputs, count), profile.variant(outputs.index).name());
  }
  return rows;
}

void take_case(const results::Summary& measured, const std::string& folder, results::Variant& row) {
  if (measured.accuracy) take_accuracy(*measured.accuracy, row);
  row.where = measured.target.board;
  row.run = folder;
  row.latency = measured.latency ? measured.latency->median : std::nullopt;
  row.ram = measured.memory ? measured.memory->ram_total : std::nullopt;
  row.flash = measured.flash ? measured.flash->total : std::nullopt;
  bool any = false, all = true;
  for (const auto& gate : measured.gates) {
    if (!gate.metric.starts_with("accuracy.")) continue;
    any = true;
    all = all && gate.verdict == "pass";
  }
  if (any) row.would_pass = all;
}

Status fill_verdict(const CaseSpec& spec, results::Summary& summary) {
  ASSAY_TRY(metric::Judgement judgement, metric::judge(spec.profile.profile, spec.profile.places, summary));
  summary.gates = std::move(judgement.gates);
  summary.verdict = std::move(judgement.verdict);
  summary.exit_code = judgement.exit_code;
  summary.sentence = std::move(judgement.sentence);
  if (const std::string broken = broken_references(summary); summary.verdict == "pass" && !broken.empty()) {
    summary.verdict = "inconclusive";
    summary.exit_code = static_cast<int>(Exit::kInconclusive);
    summary.sentence = "The gates hold without a reference that broke: " + broken;
  }
  fail_on_nonfinite(summary);
  return {};
}

}  // namespace assay::run
