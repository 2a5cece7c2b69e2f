// The operators of a `.tflite` as any engine runs them: names, what feeds what, what comes out. Also of
// models that the native engine cannot run (import_tflite() is for those that it can).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace assay::model {

struct FileOperator {
  std::string op;                         // "CONV_2D", "CUSTOM 'name'", "operator 99"
  std::vector<int> sources;               // operators that make its inputs, each once; -1 - i: model input i
  std::vector<int> outputs;               // tensors
  TensorInfo output;                      // the first of them
  std::string input_shape, filter_shape;  // "1x8x8x1"; filter: of operators with weights, else empty
  std::string untappable;                 // why its output cannot be an output of the model; empty: it can
};

struct FileOperators {
  std::vector<FileOperator> operators;  // in execution order, indices of the file
  int last = -1;                        // the one that makes the model's output 0; -1: an input is the output
};

// model.not_tflite, model.truncated, model.unsupported_feature (several subgraphs), model.bad_index.
Result<FileOperators> read_operators(std::span<const uint8_t> file, const std::string& name);

}  // namespace assay::model
