#include "model/lifetimes.h"

#include <algorithm>

namespace assay::model {
namespace {

std::vector<int> last_uses(const Graph& graph) {
  std::vector<int> last(graph.tensors.size(), 0);
  const int end = static_cast<int>(graph.ops.size());
  for (int i = 0; i < end; ++i) {
    const Op& op = graph.ops[static_cast<size_t>(i)];
    last[static_cast<size_t>(op.output)] = std::max(last[static_cast<size_t>(op.output)], i);
    for (int input : op.inputs) {
      if (input >= 0) last[static_cast<size_t>(input)] = i;
    }
  }
  for (int input : graph.inputs) last[static_cast<size_t>(input)] = end;
  for (int output : graph.outputs) last[static_cast<size_t>(output)] = end;
  return last;
}

// The place that the output of operator `i` may share, or -1. A reshape only looks at its input, so it shares
// always; others write, so everything in that place must be dead after this operator.
int shared_place(const Graph& graph, const Lifetimes& lifetimes, int i) {
  const Op& op = graph.ops[static_cast<size_t>(i)];
  const size_t bytes = graph.tensors[static_cast<size_t>(op.output)].info.bytes();
  for (int input : op.inputs) {
    if (input < 0) continue;
    const int place = lifetimes.place[static_cast<size_t>(input)];
    if (place < 0 || graph.tensors[static_cast<size_t>(input)].info.bytes() != bytes) continue;
    if (op.code == engine::OpCode::kReshape || lifetimes.requests[static_cast<size_t>(place)].last_op == i)
      return place;
  }
  return -1;
}

}  // namespace

Lifetimes find_lifetimes(const Graph& graph, const std::vector<bool>& in_place) {
  const std::vector<int> last = last_uses(graph);
  Lifetimes lifetimes;
  lifetimes.place.assign(graph.tensors.size(), -1);
  const auto add = [&](int tensor, int first) {
    const auto index = static_cast<size_t>(tensor);
    if (lifetimes.place[index] >= 0) return;
    lifetimes.place[index] = static_cast<int>(lifetimes.requests.size());
    lifetimes.requests.push_back({graph.tensors[index].info.bytes(), first, last[index]});
  };
  for (int input : graph.inputs) add(input, 0);
  for (int i = 0; i < static_cast<int>(graph.ops.size()); ++i) {
    const int output = graph.ops[static_cast<size_t>(i)].output;
    const int place = in_place[static_cast<size_t>(i)] ? shared_place(graph, lifetimes, i) : -1;
    if (place < 0) {
      add(output, i);
      continue;
    }
    lifetimes.place[static_cast<size_t>(output)] = place;
    auto& request = lifetimes.requests[static_cast<size_t>(place)];
    request.last_op = std::max(request.last_op, last[static_cast<size_t>(output)]);
  }
  return lifetimes;
}

}  // namespace assay::model
