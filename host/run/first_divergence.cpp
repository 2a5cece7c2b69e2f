#include "run/first_divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "metric/divergence.h"
#include "model/operator_graph.h"
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
      if (op >= 0) operators[static_cast<size_t>(op)] = outputs[k][i];
    }
  }
}

// Each captured operator once more, here, on what the device fed it, where that is known.
Status rerun(const model::Graph& graph, const CaseSpec& spec, const TensorRows& model_input,
             Deadline deadline, metric::TappedRun& run, OperatorTensors& tensors) {
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

std::string shape_of(const model::Graph& graph, const model::Op& op, size_t input, bool constant) {
  if (input >= op.inputs.size() || op.inputs[input] < 0) return "";
  const model::Tensor& tensor = graph.tensors[static_cast<size_t>(op.inputs[input])];
  return tensor.constant == constant ? tensor.info.shape() : "";
}

const TensorRows* kept(const TensorRows& rows) { return rows.data.empty() ? nullptr : &rows; }

metric::TappedRun observe(const model::Graph& graph, const Prepared& prepared, const Capture& capture,
                          const OperatorTensors& tensors) {
  metric::TappedRun run;
  for (size_t row : capture.samples.rows) run.samples.push_back(prepared.dataset.ids[row]);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const model::Op& op = graph.ops[i];
    metric::TappedOperator tapped{.op = op.name, .kernel = prepared.plan.ops[i].kernel};
    tapped.input_shape = shape_of(graph, op, 0, false);
    if (model::multiply_accumulates(graph, op) > 0) tapped.filter_shape = shape_of(graph, op, 1, true);
    tapped.output_shape = prepared.plan.ops[i].output.shape();
    tapped.device = kept(tensors.device[i]);
    tapped.reference = kept(tensors.r2[i]);
    tapped.sources = model::sources_of(graph, static_cast<int>(i));
    for (size_t k = 0; k < capture.device.size(); ++k) {
      const auto& ops = capture.taps.plans[k].ops;
      if (std::find(ops.begin(), ops.end(), static_cast<int>(i)) != ops.end())
        tapped.plan = static_cast<int>(k);
    }
    for (const auto& left : capture.taps.left_out) {
      if (left.op == static_cast<int>(i)) tapped.note = left.why;
    }
    if (!tapped.device && tapped.note.empty()) tapped.note = "the capture ended before";
    run.operators.push_back(std::move(tapped));
  }
  return run;
}

std::string file_name(const Prepared& prepared, size_t op) {
  return fmt::format("{:03}_{}.npy", op, prepared.plan.ops[op].name);
}

}  // namespace

Result<FoundDivergence> judge_capture(const CaseSpec& spec, const Prepared& prepared, const Capture& capture,
                                      const TensorRows& device, const TensorRows& r2) {
  const std::filesystem::path file = spec.profile.profile.model().file();
  ASSAY_TRY(const model::Graph graph, model::import_tflite(prepared.model, file.filename().string()));
  const Deadline deadline = Deadline::in(kBudget);
  const TensorRows inputs = rows_of(prepared.inputs, capture.samples.rows);
  FoundDivergence found;
  for (auto* side : {&found.tensors.device, &found.tensors.r2, &found.tensors.local})
    side->resize(graph.ops.size());
  std::vector<std::vector<TensorRows>> host;
  for (size_t k = 0; k < capture.device.size(); ++k) {
    ASSAY_TRY(auto outputs, reference::run_tapped(capture.taps.plans[k].plan, inputs, deadline));
    host.push_back(std::move(outputs));
  }
  place(capture, capture.device, found.tensors.device);
  place(capture, host, found.tensors.r2);
  metric::TappedRun run = observe(graph, prepared, capture, found.tensors);
  const auto& taps = spec.profile.profile.taps();
  run.tolerance_lsb = taps.tolerance_lsb();
  run.tolerance = taps.tolerance();
  const TensorRows own = rows_of(device, capture.samples.rows);
  run.output_differs = own.data != rows_of(r2, capture.samples.rows).data;
  for (const auto& outputs : capture.device) run.reproduced = run.reproduced && outputs[0].data == own.data;
  ASSAY_CHECK(rerun(graph, spec, inputs, deadline, run, found.tensors));
  ASSAY_TRY(found.divergence, metric::find_divergence(run));
  found.divergence.choice = capture.samples.words;
  found.divergence.plans = static_cast<int>(capture.device.size());
  return found;
}

Status keep_tensors(const Prepared& prepared, const Capture& capture, const FoundDivergence& found,
                    const std::filesystem::path& folder) {
  using Json = nlohmann::ordered_json;
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
  for (size_t op = 0; op < prepared.plan.ops.size(); ++op) {
    const TensorInfo& output = prepared.plan.ops[op].output;
    Json row = {{"index", op},
                {"op", prepared.plan.ops[op].name},
                {"tensor", output.name},
                {"type", element_name(output.type)},
                {"shape", output.dims},
                {"scale", output.scale},
                {"zero_point", output.zero_point}};
    for (const auto& side : sides) {
      if (side.tensors[op].data.empty()) continue;
      const std::string file = fmt::format("{}/{}", side.name, file_name(prepared, op));
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
    issues.push_back(
        {"diverge.capture_failed", "warning",
         fmt::format(
             "the first divergence is known only in part: {} of {} tapped plans were replayed, then {}",
             capture.device.size(), capture.taps.plans.size(), capture.failed->text())});
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
