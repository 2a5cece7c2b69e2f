// R2 operator by operator: the same tapped plans on this computer, and single operators on inputs from
// elsewhere.
#pragma once

#include <span>
#include <vector>

#include "base/deadline.h"
#include "model/planner.h"
#include "model/tapped_plans.h"
#include "reference/reference.h"

namespace assay::reference {

// What a tapped plan computes: one TensorRows per output of the plan, one row per row of `inputs`. The whole
// model's operators when `plans` cover them. reference.shape, reference.worker_timeout, model.bad_plan,
// base.interrupted.
Result<std::vector<TensorRows>> run_tapped(const model::Plan& plan, const TensorRows& inputs,
                                           Deadline deadline);

// Operator `op` of the graph alone, planned as for `target`, on `inputs`: one per OperatorGraph::sources,
// equal row counts. reference.shape when they do not fit; errors of make_plan.
Result<TensorRows> run_operator(const model::Graph& graph, int op, const model::PlanTarget& target,
                                const std::vector<const TensorRows*>& inputs, Deadline deadline);

}  // namespace assay::reference
