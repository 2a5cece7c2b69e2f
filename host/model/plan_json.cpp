#include "model/plan_json.h"

#include <nlohmann/json.hpp>

namespace assay::model {

nlohmann::ordered_json tensor_json(const TensorInfo& tensor) {
  return {{"name", tensor.name},
          {"type", element_name(tensor.type)},
          {"shape", tensor.dims},
          {"scale", tensor.scale},
          {"zero_point", tensor.zero_point}};
}

nlohmann::ordered_json operators_json(const Plan& plan) {
  auto operators = nlohmann::ordered_json::array();
  for (const PlanOpInfo& op : plan.ops) {
    operators.push_back({{"op", op.name},
                         {"kernel", op.kernel},
                         {"output", tensor_json(op.output)},
                         {"macs", op.macs},
                         {"live_bytes", op.live_bytes}});
  }
  return operators;
}

}  // namespace assay::model
