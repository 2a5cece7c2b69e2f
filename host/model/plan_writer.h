// The bytes of a plan (engine/plan.h), once kernels and places are chosen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/graph.h"

namespace assay::model {

struct PlannedOp {
  engine::KernelSetId kernel_set = engine::KernelSetId::kReference;
  engine::Packed packed;
  uint64_t scratch_offset = 0;
};

// `offsets`: arena offset per tensor of the graph (unused for constants).
std::vector<uint8_t> write_plan(const Graph& graph, const std::vector<PlannedOp>& ops,
                                const std::vector<uint64_t>& offsets, uint64_t arena_bytes,
                                const std::string& sha256);

}  // namespace assay::model
