#include "model/graph.h"

namespace assay::model {

uint64_t multiply_accumulates(const Graph& graph, const Op& op) {
  const auto elements = static_cast<uint64_t>(graph.tensors[static_cast<size_t>(op.output)].info.elements());
  const auto& filter = op.inputs.size() > 1 && op.inputs[1] >= 0
                           ? graph.tensors[static_cast<size_t>(op.inputs[1])].info.dims
                           : std::vector<int64_t>{};
  switch (op.code) {
    case engine::OpCode::kConv2d:
      return elements * static_cast<uint64_t>(filter[1] * filter[2] * filter[3]);
    case engine::OpCode::kDepthwiseConv2d:
      return elements * static_cast<uint64_t>(filter[1] * filter[2]);
    case engine::OpCode::kFullyConnected:
      return elements * static_cast<uint64_t>(filter[1]);
    default:
      return 0;
  }
}

}  // namespace assay::model
