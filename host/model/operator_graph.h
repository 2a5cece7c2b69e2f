// One operator of a model as a model of its own, for running it on inputs from elsewhere.
#pragma once

#include "model/graph.h"

namespace assay::model {

struct OperatorGraph {
  Graph graph;  // one operator; its model inputs are the operator's inputs that are not constant
  std::vector<int>
      sources;  // per model input: the operator of the whole graph that makes it; -1 - i: model input i
};

// `op` < graph.ops.size().
OperatorGraph graph_of_operator(const Graph& graph, int op);

// The operators that make the inputs of `op`, as OperatorGraph::sources.
std::vector<int> sources_of(const Graph& graph, int op);

}  // namespace assay::model
