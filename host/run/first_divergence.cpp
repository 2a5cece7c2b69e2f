#include "run/first_divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "metric/divergence.h"
#include "model/file_operators.h"
#include "model/tflite_import.h"
#include "reference/native_operators.h"
#include "results/npy.h"

namespace assay::run {
namespace {

constexpr auto kBudget = std::chrono::minutes(30);

TensorRows rows_of(const TensorRows& rows, const std::vector<size_t>& chosen) {
  TensorRows cut{rows.info, {}};
  for (size_t row : chosen) {
    const auto bytes = rows.row(row);
    cut.data.insert(cut.data.end(), bytes.begin(), bytes.end());
  }
  return cut;
}

// Outputs of plans to the operators behind them.
void place(const Capture& capture, const std::vector<std::vector<TensorRows>>& outputs,
           std::vector<TensorRows>& operators) {
  for (size_t k = 0; k < outputs.size(); ++k) {
    for (size_t i = 0; i < outputs[k].size(); ++i) {
      const int op = capture.taps.plans[k].ops[i];
      if (op >= 0 && !outputs[k][i].data.empty()) operators[static_cast<size_t>(op)] = outputs[k][i];
    }
  }
}

// Each captured operator once more, here, on what the device fed it, where that is known.
Status rerun(const CaseSpec& spec, const Prepared& prepared, const TensorRows& model_input, Deadline deadline,
             metric::TappedRun& run, OperatorTensors& tensors) {
  const std::filesystem::path file = spec.profile.profile.model().file();
  ASSAY_TRY(const model::Graph graph, model::import_tflite(prepared.model, file.filename().string()));
  for (size_t op = 0; op < graph.ops.size(); ++op) {
    metric::TappedOperator& tapped = run.operators[op];
    if (!tapped.device || !metric::belongs_together(run.operators, op, run.reproduced)) continue;
    std::vector<const TensorRows*> inputs;
    for (int source : tapped.sources)
      inputs.push_back(source >= 0 ? &tensors.device[static_cast<size_t>(source)] : &model_input);
    ASSAY_TRY(tensors.local[op], reference::run_operator(graph, static_cast<int>(op), plan_target(spec.board),
                                                         inputs, deadline));
    tapped.local = &tensors.local[op];
  }
  return {};
}

const TensorRows* kept(const TensorRows& rows) { return rows.data.empty() ? nullptr : &rows; }

// Kernels are known of the plan alone; another engine goes by its name.
std::string kernel_of(const CaseSpec& spec, const Prepared& prepared, size_t op) {
  if (!prepared.plan.bytes.empty()) return prepared.plan.ops[op].kernel;
  const std::string& name = spec.profile.profile.engine().name();
  return name.empty() ? "own" : name;
}

// The replay that captured operator `op`; the last where several did.
std::optional<int> replay_of(const Capture& capture, int op) {
  for (size_t k = capture.device.size(); k-- > 0;) {
    const auto& ops = capture.taps.plans[k].ops;
    if (std::find(ops.begin(), ops.end(), op) != ops.end()) return static_cast<int>(k);
  }
  return std::nullopt;
}

metric::TappedRun observe(const CaseSpec& spec, const model::FileOperators& file, const Prepared& prepared,
                          const Capture& capture, const OperatorTensors& tensors) {
  metric::TappedRun run;
  for (size_t row : capture.samples.rows) run.samples.push_back(prepared.dataset.ids[row]);
  for (size_t i = 0; i < file.operators.size(); ++i) {
    const model::FileOperator& op = file.operators[i];
    metric::TappedOperator tapped{.op = op.op, .kernel = kernel_of(spec, prepared, i)};
    tapped.input_shape = op.input_shape;
    tapped.filter_shape = op.filter_shape;
    tapped.output_shape = op.output.shape();
    tapped.device = kept(tensors.device[i]);
    tapped.reference = kept(tensors.r2[i]);
    tapped.sources = op.sources;
    tapped.plan = replay_of(capture, static_cast<int>(i)).value_or(0);
    for (const auto& left : capture.taps.left_out) {
      if (left.op == static_cast<int>(i)) tapped.note = left.why;
    }
    if (!tapped.device && tapped.note.empty()) {
      tapped.skipped = capture.bisected && !capture.failed;
      tapped.note = tapped.skipped ? "the bisection had no need of it" : "the capture ended before";
    }
    run.operators.push_back(std::move(tapped));
  }
  return run;
}

// What a bisection adds to what was found.
void tell_bisection(const Capture& capture, results::Divergence& divergence) {
  if (!capture.bisected) return;
  divergence.search = "bisection";
  divergence.assumption =
      "a difference, once made, is seen in everything behind it, down to the output of these samples";
  divergence.sentence += fmt::format(
      " Found by bisection in {} tapped run{}, whose times are void; it takes for granted that {}.{}",
      divergence.plans, divergence.plans == 1 ? "" : "s", divergence.assumption,
      capture.verified ? "" : " Not all that feeds the operator could be seen to be equal.");
}

// Outputs of the tapped runs that the run's own outputs can be held against.
bool reproduces(const Capture& capture, int last, const TensorRows& own) {
  for (size_t k = 0; k < capture.device.size(); ++k) {
    if (capture.taps.plans[k].ops[0] == last && capture.device[k][0].data != own.data) return false;
  }
  return true;
}

std::string file_name(const std::string& op, size_t index) {
  std::string name = op;
  for (char& c : name)  // a custom operator has any name
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  return fmt::format("{:03}_{}.npy", index, name);
}

// R2's side of each replay: gathered with it, or run here on the same plans.
Result<std::vector<std::vector<TensorRows>>> host_outputs(const Capture& capture, const TensorRows& inputs,
                                                          Deadline deadline) {
  if (!capture.r2.empty()) return capture.r2;
  std::vector<std::vector<TensorRows>> host;
  for (size_t k = 0; k < capture.device.size(); ++k) {
    ASSAY_TRY(auto outputs, reference::run_tapped(capture.taps.plans[k].plan, inputs, deadline));
    host.push_back(std::move(outputs));
  }
  return host;
}

// The operators of the case's model, whoever runs them.
Result<model::FileOperators> operators_of(const CaseSpec& spec, const Prepared& prepared) {
  const std::filesystem::path file = spec.profile.profile.model().file();
  return model::read_operators(prepared.model, file.filename().string());
}

}  // namespace

Result<FoundDivergence> judge_capture(const CaseSpec& spec, const Prepared& prepared, const Capture& capture,
                                      const TensorRows& device, const TensorRows& r2) {
  ASSAY_TRY(const model::FileOperators file, operators_of(spec, prepared));
  const Deadline deadline = Deadline::in(kBudget);
  const TensorRows inputs = rows_of(prepared.inputs, capture.samples.rows);
  FoundDivergence found;
  for (auto* side : {&found.tensors.device, &found.tensors.r2, &found.tensors.local})
    side->resize(file.operators.size());
  ASSAY_TRY(const auto host, host_outputs(capture, inputs, deadline));
  place(capture, capture.device, found.tensors.device);
  place(capture, host, found.tensors.r2);
  metric::TappedRun run = observe(spec, file, prepared, capture, found.tensors);
  const auto& taps = spec.profile.profile.taps();
  run.tolerance_lsb = taps.tolerance_lsb();
  run.tolerance = taps.tolerance();
  const TensorRows own = rows_of(device, capture.samples.rows);
  run.output_differs = own.data != rows_of(r2, capture.samples.rows).data;
  run.reproduced = reproduces(capture, file.last, own);
  // Another engine's operators do not run here one by one.
  if (!prepared.plan.bytes.empty()) ASSAY_CHECK(rerun(spec, prepared, inputs, deadline, run, found.tensors));
  ASSAY_TRY(found.divergence, metric::find_divergence(run));
  found.divergence.choice = capture.samples.words;
  found.divergence.plans = static_cast<int>(capture.device.size());
  tell_bisection(capture, found.divergence);
  return found;
}

Status keep_tensors(const CaseSpec& spec, const Prepared& prepared, const Capture& capture,
                    const FoundDivergence& found, const std::filesystem::path& folder) {
  using Json = nlohmann::ordered_json;
  ASSAY_TRY(const model::FileOperators model, operators_of(spec, prepared));
  Json samples = Json::array(), operators = Json::array();
  for (size_t row : capture.samples.rows)
    samples.push_back({{"row", row}, {"id", prepared.dataset.ids[row]}});
  const struct {
    const char* name;
    const std::vector<TensorRows>& tensors;
  } sides[] = {{"device", found.tensors.device}, {"r2", found.tensors.r2}};
  // What an earlier capture of this run left must not be taken for this one's.
  std::error_code ignored;
  for (const auto& side : sides) {
    std::filesystem::remove_all(folder / side.name, ignored);
    ASSAY_CHECK(make_directories(folder / side.name));
  }
  for (size_t k = capture.taps.plans.size();
       std::filesystem::remove_all(plan_folder(folder, k), ignored) > 0;)
    ++k;
  for (size_t op = 0; op < model.operators.size(); ++op) {
    const TensorInfo& output = model.operators[op].output;
    Json row = {{"index", op},
                {"op", model.operators[op].op},
                {"tensor", output.name},
                {"type", element_name(output.type)},
                {"shape", output.dims},
                {"scale", output.scale},
                {"zero_point", output.zero_point}};
    for (const auto& side : sides) {
      if (side.tensors[op].data.empty()) continue;
      const std::string file = fmt::format("{}/{}", side.name, file_name(model.operators[op].op, op));
      ASSAY_CHECK(results::write_npy(folder / file, side.tensors[op]));
      row[side.name] = file;
    }
    operators.push_back(std::move(row));
  }
  const Json index = {{"tapped", true}, {"samples", samples}, {"operators", operators}};
  return write_file(folder / "index.json", index.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<results::Issue> capture_issues(const Capture& capture) {
  std::vector<results::Issue> issues;
  if (capture.failed) {
    // How many runs a bisection would have taken is not known.
    const size_t done = capture.device.size(), planned = capture.taps.plans.size();
    const std::string so_far = done < planned
                                   ? fmt::format("{} of {} tapped plans were replayed", done, planned)
                                   : fmt::format("{} tapped runs were made", done);
    issues.push_back({"diverge.capture_failed", "warning",
                      fmt::format("the first divergence is known only in part: {}, then {}", so_far,
                                  capture.failed->text())});
  }
  if (capture.not_restored) {
    issues.push_back(
        {"diverge.not_restored", "note",
         fmt::format("a tapped plan stayed on the board ({}); the next run sees that and writes its own",
                     capture.not_restored->text())});
  }
  for (const auto& left : capture.taps.left_out) {
    issues.push_back({"diverge.tap_too_big", "note",
                      fmt::format("operator #{} cannot be captured: {}", left.op, left.why)});
  }
  return issues;
}

}  // namespace assay::run
