// Name, type, shape and quantisation of one tensor of a `.tflite`, each checked.
#pragma once

#include <string>

#include "base/result.h"
#include "model/graph.h"

namespace assay::model::format {
struct Tensor;
}

namespace assay::model {

// Everything of a tensor but its data. `where` goes into messages. model.unsupported_type, model.bad_shape,
// model.dynamic_shape, model.bad_quantization.
Result<Tensor> read_tensor_head(const format::Tensor& from, int index, const std::string& where);

}  // namespace assay::model
