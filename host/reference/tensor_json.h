// What a tensor looks like, as the worker protocol and the cache write it:
// {"name": "...", "type": "int8", "dims": [1, 12], "scale": 0.0039, "zero_point": -128}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "base/tensor.h"

namespace assay::reference {

// nullopt: a key is missing, has another type, or makes no sense.
std::optional<TensorInfo> tensor_info(const nlohmann::json& json);
nlohmann::json to_json(const TensorInfo& info);
// Gives rows read from .npy, which knows neither batch nor scale, the description that came with them. False
// when type or number of elements differ.
bool adopt_info(TensorRows& rows, const TensorInfo& info);

}  // namespace assay::reference
