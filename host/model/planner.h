// From a graph to plan bytes: kernels chosen, weights packed for the core, tensors placed in the arena.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"
#include "model/graph.h"

namespace assay::model {

struct PlanTarget {
  std::string core = "host";  // as boards/<type>/board.toml names it
  uint64_t region_bytes = 0;  // room for the plan; 0: unlimited
  uint64_t arena_bytes = 0;   // room for the arena; 0: unlimited
  std::string
      kernel_set;  // empty: the best one for the core; operators that it lacks come from the reference set
};

struct PlanOpInfo {
  std::string name;    // "CONV_2D"
  std::string kernel;  // "reference/CONV_2D"
  TensorInfo output;
  uint64_t macs = 0;        // multiply-accumulates; 0: not a layer with weights
  uint64_t live_bytes = 0;  // arena bytes in use while it runs, scratch included
};

struct ArenaEntry {
  std::string tensor;  // "<operator index>:scratch" for working memory
  uint64_t offset = 0;
  uint64_t bytes = 0;
  int first_op = 0;  // lifetime, both ends included; tensors that share a place share it
  int last_op = 0;
};

struct Plan {
  std::vector<uint8_t> bytes;
  uint64_t arena_bytes = 0;
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<PlanOpInfo> ops;
  std::vector<ArenaEntry> arena;
};

// `sha256`: 64 hex digits of the model file. Errors: model.too_big with the numbers, model.bad_shape and
// model.unsupported_operator naming the operator, config.value for an unknown core or kernel set.
Result<Plan> make_plan(const Graph& graph, const PlanTarget& target, const std::string& sha256);

}  // namespace assay::model
