// A `.tflite` file as a Graph. The file is input from anywhere: it passes the FlatBuffers verifier first,
// then every index, shape, size and quantisation parameter is checked, so that nothing after the importer
// needs to.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "model/graph.h"

namespace assay::model {

// `name` is what messages and the plan call the model. Errors, each naming the operator or tensor:
//   model.not_tflite, model.truncated, model.unsupported_operator, model.unsupported_type, model.bad_index,
//   model.bad_shape, model.bad_quantization, model.dynamic_shape, model.unsupported_feature
Result<Graph> import_tflite(std::span<const uint8_t> bytes, const std::string& name);

// Is this a whole `.tflite` file? Nothing of its content is judged. model.not_tflite, model.truncated.
Status verify_tflite(std::span<const uint8_t> bytes, const std::string& name);

struct Border {
  std::vector<TensorInfo> inputs, outputs;
};
// What goes in and out of a model, also of one whose operators the native engine lacks (a float or int16
// alternative that only the desktop runs). Errors as above, but for operators.
Result<Border> read_border(std::span<const uint8_t> bytes, const std::string& name);

}  // namespace assay::model
