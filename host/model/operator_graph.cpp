#include "model/operator_graph.h"

#include <algorithm>

namespace assay::model {
namespace {

// Each once, in the order of the operator's inputs.
std::vector<int> variable_inputs(const Graph& graph, const Op& op) {
  std::vector<int> found;
  for (int input : op.inputs) {
    if (input < 0 || graph.tensors[static_cast<size_t>(input)].constant) continue;
    if (std::find(found.begin(), found.end(), input) == found.end()) found.push_back(input);
  }
  return found;
}

int source_of(const Graph& graph, int tensor) {
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.ops[i].output == tensor) return static_cast<int>(i);
  }
  const auto input = std::find(graph.inputs.begin(), graph.inputs.end(), tensor);
  return -1 - static_cast<int>(input - graph.inputs.begin());
}

}  // namespace

std::vector<int> sources_of(const Graph& graph, int op) {
  std::vector<int> sources;
  for (int tensor : variable_inputs(graph, graph.ops[static_cast<size_t>(op)]))
    sources.push_back(source_of(graph, tensor));
  return sources;
}

OperatorGraph graph_of_operator(const Graph& graph, int op) {
  const Op& chosen = graph.ops[static_cast<size_t>(op)];
  OperatorGraph one;
  one.graph.name = graph.name;
  one.graph.tensors.resize(graph.tensors.size());  // indices stay those of the file
  one.graph.ops = {chosen};
  one.graph.inputs = variable_inputs(graph, chosen);
  one.graph.outputs = {chosen.output};
  for (int tensor : chosen.inputs) {
    if (tensor >= 0)
      one.graph.tensors[static_cast<size_t>(tensor)] = graph.tensors[static_cast<size_t>(tensor)];
  }
  one.graph.tensors[static_cast<size_t>(chosen.output)] = graph.tensors[static_cast<size_t>(chosen.output)];
  one.sources = sources_of(graph, op);
  return one;
}

}  // namespace assay::model
