// One sample, whole or hop by hop.
#include <fmt/format.h>

#include <algorithm>

#include "link/session_state.h"

namespace assay::link {
namespace {

// How many hops the inputs are; 0: they fit the model in no way.
size_t hops_of(const ModelInfo& model, std::span<const std::span<const uint8_t>> inputs) {
  size_t hops = 1;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t bytes = model.inputs[i].bytes();
    if (bytes == 0 || inputs[i].empty() || inputs[i].size() % bytes != 0) return 0;
    const size_t times = inputs[i].size() / bytes;
    if (times > 1 && hops > 1 && times != hops) return 0;  // an input of one size is the same for every hop
    hops = std::max(hops, times);
  }
  return hops;
}

void add_hop(Inference& sum, Inference hop) {
  sum.run.ticks += hop.run.ticks;
  sum.run.runs += hop.run.runs;
  sum.run.ticks_min = std::min(sum.run.ticks_min, hop.run.ticks_min);
  sum.run.ticks_max = std::max(sum.run.ticks_max, hop.run.ticks_max);
  sum.run.generation = hop.run.generation;
  sum.run.needs_input = hop.run.needs_input;
  sum.outputs = std::move(hop.outputs);
}

}  // namespace

Result<Inference> Session::infer(uint32_t model, std::span<const std::span<const uint8_t>> inputs,
                                 const InvokeOptions& options) {
  ASSAY_CHECK(models());
  const auto& all = state_->models;
  const std::string where = state_->line.name();
  if (model >= all.size() || inputs.size() != all[model].inputs.size())
    return fail("link.refused", fmt::format("model {} does not take {} inputs", model, inputs.size()), where);
  if (all[model].application_runs) {
    return fail("link.application_runs",
                fmt::format("model '{}' is run by the application alone", all[model].name), where);
  }
  const size_t hops = hops_of(all[model], inputs);
  if (hops <= 1) {  // inputs of a wrong size are refused by the agent, which knows better
    ASSAY_TRY(Inference inference, infer_hop(model, inputs, options));
    if (!inference.run.needs_input) return inference;
    return fail("link.needs_input",
                fmt::format("model '{}' wants more input after a sample of one hop", all[model].name), where);
  }
  std::optional<Inference> sum;
  for (size_t hop = 0; hop < hops; ++hop) {
    std::vector<std::span<const uint8_t>> pieces;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const size_t bytes = all[model].inputs[i].bytes();
      pieces.push_back(inputs[i].size() == bytes ? inputs[i] : inputs[i].subspan(hop * bytes, bytes));
    }
    InvokeOptions each = options;
    each.reset_state = hop == 0;
    ASSAY_TRY(Inference inference, infer_hop(model, pieces, each));
    if (sum) {
      add_hop(*sum, std::move(inference));
    } else {
      sum = std::move(inference);
    }
  }
  if (sum->run.needs_input) {
    return fail(
        "link.needs_input",
        fmt::format("model '{}' wants more input after the {} hops of a sample", all[model].name, hops),
        where);
  }
  return std::move(*sum);
}

}  // namespace assay::link
