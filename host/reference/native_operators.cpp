#include "reference/native_operators.h"

#include <fmt/format.h>

#include "base/interrupt.h"
#include "model/host_plan.h"
#include "model/operator_graph.h"

namespace assay::reference {
namespace {

Status may_go_on(Deadline deadline, const std::string& name) {
  if (interrupted()) return fail(interruption());
  if (deadline.passed())
    return fail("reference.worker_timeout", "r2 passed the deadline among its operators", name);
  return {};
}

// The outputs of one run, cut apart.
void take_outputs(std::span<const uint8_t> bytes, std::vector<TensorRows>& outputs) {
  size_t at = 0;
  for (TensorRows& rows : outputs) {
    const auto part = bytes.subspan(at, rows.info.bytes());
    rows.data.insert(rows.data.end(), part.begin(), part.end());
    at += part.size();
  }
}

}  // namespace

Result<std::vector<TensorRows>> run_tapped(const model::Plan& plan, const TensorRows& inputs,
                                           Deadline deadline) {
  ASSAY_TRY(model::HostPlan host, model::HostPlan::open(plan.bytes));
  if (plan.inputs.size() != 1 || plan.inputs[0].bytes() != inputs.info.bytes()) {
    return fail(
        "reference.shape",
        fmt::format("samples are {}, the plan's input is {}", inputs.info.shape(), plan.inputs[0].shape()),
        host.engine().model_name());
  }
  std::vector<TensorRows> outputs;
  for (const TensorInfo& info : plan.outputs) outputs.push_back({info, {}});
  for (size_t row = 0; row < inputs.rows(); ++row) {
    ASSAY_CHECK(may_go_on(deadline, host.engine().model_name()));
    ASSAY_TRY(const auto bytes, host.run(inputs.row(row)));
    take_outputs(bytes, outputs);
  }
  return outputs;
}

Result<TensorRows> run_operator(const model::Graph& graph, int op, const model::PlanTarget& target,
                                const std::vector<const TensorRows*>& inputs, Deadline deadline) {
  const model::OperatorGraph one = model::graph_of_operator(graph, op);
  model::PlanTarget roomy = target;  // whatever it needs: it runs here
  roomy.region_bytes = roomy.arena_bytes = 0;
  ASSAY_TRY(const model::Plan plan, model::make_plan(one.graph, roomy, std::string(64, '0')));
  ASSAY_TRY(model::HostPlan host, model::HostPlan::open(plan.bytes));
  const std::string where = fmt::format("{}: operator {}", graph.name, op);
  if (inputs.size() != plan.inputs.size())
    return fail("reference.shape", fmt::format("{} inputs for {}", inputs.size(), plan.inputs.size()), where);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i]->info.bytes() != plan.inputs[i].bytes() || inputs[i]->rows() != inputs[0]->rows()) {
      return fail("reference.shape",
                  fmt::format("input {} has {} rows of {}, wanted are {} of {}", i, inputs[i]->rows(),
                              inputs[i]->info.shape(), inputs[0]->rows(), plan.inputs[i].shape()),
                  where);
    }
  }
  std::vector<TensorRows> output = {{plan.outputs[0], {}}};
  for (size_t row = 0; !inputs.empty() && row < inputs[0]->rows(); ++row) {
    ASSAY_CHECK(may_go_on(deadline, graph.name));
    std::vector<uint8_t> sample;
    for (const TensorRows* rows : inputs)
      sample.insert(sample.end(), rows->row(row).begin(), rows->row(row).end());
    ASSAY_TRY(const auto bytes, host.run(sample));
    take_outputs(bytes, output);
  }
  return std::move(output[0]);
}

}  // namespace assay::reference
