// Plans of one model in which chosen operator outputs are outputs of the graph too, so that they can be read
// after a run although the arena reuses memory.
//
// Kernels, packed weights and every parameter are those of the untapped plan; only places in the arena and
// the list of outputs differ. Each plan returns the model's output 0 first, then its taps in execution order.
// Where the taps do not all fit (outputs of an agent, arena, region), the operators are split over several
// plans.
#pragma once

#include <string>
#include <vector>

#include "model/planner.h"

namespace assay::model {

struct TappedPlan {
  Plan plan;
  std::vector<int>
      ops;  // operator behind each output of the plan; [0] is the one that makes the model's output 0
};

struct LeftOut {  // an operator whose output does not fit even alone
  int op = 0;
  std::string why;  // with the numbers
};

struct TappedPlans {
  std::vector<TappedPlan> plans;
  std::vector<LeftOut> left_out;
};

// `ops`: indices in rising order; empty: all. `max_outputs`: of one plan, at least 2; 0: any number. Errors
// of make_plan but model.too_big; config.value for an operator that the graph lacks.
Result<TappedPlans> make_tapped_plans(const Graph& graph, const PlanTarget& target, const std::string& sha256,
                                      const std::vector<int>& ops, size_t max_outputs);

// The operator that makes the model's output 0; -1: the output is an input.
int last_operator(const Graph& graph);

// The bytes of a plan that decide arithmetic: per operator its kernel set, code and parameters. Equal for an
// untapped plan and its tapped ones.
std::vector<std::vector<uint8_t>> arithmetic_of(const std::vector<uint8_t>& plan);

}  // namespace assay::model
