// Tensors and operators of a plan as JSON: in graph.json of a run folder and in `assay model --json`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/planner.h"

namespace assay::model {

// {"name", "type": "int8", "shape": [1, 12], "scale", "zero_point"}
nlohmann::ordered_json tensor_json(const TensorInfo& tensor);
// In execution order: [{"op", "kernel", "output": tensor, "macs", "live_bytes"}]
nlohmann::ordered_json operators_json(const Plan& plan);

}  // namespace assay::model
