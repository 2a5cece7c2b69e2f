#include "model/tapped_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

#include "engine/plan.h"

namespace assay::model {
namespace {

class Splitter {
 public:
  Splitter(const Graph& graph, const PlanTarget& target, const std::string& sha256, size_t max_outputs)
      : graph_(graph),
        target_(target),
        sha256_(sha256),
        max_outputs_(max_outputs),
        last_(last_operator(graph)) {}

  Status add(int op) {
    if (op == last_) return {};  // output 0 of every plan
    std::vector<int> more = ops_;
    more.push_back(op);
    if (max_outputs_ == 0 || more.size() + 1 <= max_outputs_) {
      ASSAY_TRY(const bool fits, try_plan(more));
      if (fits) return {};
    }
    finish();
    ASSAY_TRY(const bool alone, try_plan({op}));
    if (!alone) split_.left_out.push_back({op, too_big_});
    return {};
  }

  // At least one plan, for output 0 alone.
  Result<TappedPlans> take() {
    if (split_.plans.empty() && !plan_) {
      ASSAY_TRY(const bool fits, try_plan({}));
      if (!fits) return fail("model.too_big", too_big_, graph_.name);
    }
    finish();
    return std::move(split_);
  }

 private:
  // False: too big, the numbers are in too_big_.
  Result<bool> try_plan(const std::vector<int>& ops) {
    Graph tapped = graph_;
    tapped.outputs = {graph_.outputs[0]};
    for (int op : ops) tapped.outputs.push_back(graph_.ops[static_cast<size_t>(op)].output);
    auto plan = make_plan(tapped, target_, sha256_);
    if (!plan && plan.error().code == "model.too_big") {
      too_big_ = plan.error().message;
      return false;
    }
    if (!plan) return fail(plan.error());
    ops_ = ops;
    plan_ = std::move(*plan);
    return true;
  }

  void finish() {
    if (plan_) {
      std::vector<int> ops = {last_};
      ops.insert(ops.end(), ops_.begin(), ops_.end());
      split_.plans.push_back({std::move(*plan_), std::move(ops)});
    }
    plan_.reset();
    ops_.clear();
  }

  const Graph& graph_;
  const PlanTarget& target_;
  const std::string& sha256_;
  const size_t max_outputs_;
  const int last_;
  std::vector<int> ops_;  // of plan_
  std::optional<Plan> plan_;
  std::string too_big_;
  TappedPlans split_;
};

}  // namespace

int last_operator(const Graph& graph) {
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.ops[i].output == graph.outputs[0]) return static_cast<int>(i);
  }
  return -1;
}

Result<TappedPlans> make_tapped_plans(const Graph& graph, const PlanTarget& target, const std::string& sha256,
                                      const std::vector<int>& ops, size_t max_outputs) {
  std::vector<int> wanted = ops;
  if (wanted.empty()) {
    wanted.resize(graph.ops.size());
    std::iota(wanted.begin(), wanted.end(), 0);
  }
  Splitter splitter(graph, target, sha256, max_outputs);
  for (int op : wanted) {
    if (op < 0 || static_cast<size_t>(op) >= graph.ops.size()) {
      return fail("config.value",
                  fmt::format("there is no operator {}: the model has {}", op, graph.ops.size()), graph.name);
    }
    ASSAY_CHECK(splitter.add(op));
  }
  return splitter.take();
}

std::vector<std::vector<uint8_t>> arithmetic_of(const std::vector<uint8_t>& plan) {
  engine::PlanHeader header;
  std::memcpy(&header, plan.data(), sizeof header);
  std::vector<std::vector<uint8_t>> found;
  for (size_t i = 0; i < header.op_count; ++i) {
    engine::PlanOp op;
    std::memcpy(&op, plan.data() + header.ops + i * sizeof op, sizeof op);
    std::vector<uint8_t> bytes = {op.kernel_set, op.code};
    const auto from = plan.begin() + op.parameters;
    bytes.insert(bytes.end(), from, from + op.parameter_bytes);
    found.push_back(std::move(bytes));
  }
  return found;
}

}  // namespace assay::model
