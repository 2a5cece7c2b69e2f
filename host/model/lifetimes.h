// Which tensors share a place in the arena, and from which operator to which operator each place is in use.
#pragma once

#include <vector>

#include "model/graph.h"
#include "model/memory_plan.h"

namespace assay::model {

struct Lifetimes {
  std::vector<int> place;  // per tensor: index into requests, -1: constant or unused
  std::vector<ArenaRequest> requests;
};

// `in_place[i]`: operator i may write its output over an input that dies there.
Lifetimes find_lifetimes(const Graph& graph, const std::vector<bool>& in_place);

}  // namespace assay::model
