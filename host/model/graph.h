// A model as the planner sees it: typed tensors and operators, every index checked. Made by import_tflite().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "engine/kernels/pack.h"

namespace assay::model {

struct Tensor {
  TensorInfo info;
  std::vector<float> channel_scales;  // weights with one scale per output channel; else empty
  std::vector<uint8_t> data;          // of constants
  bool constant = false;
};

struct Op {
  engine::OpCode code = engine::OpCode::kConv2d;
  std::string name;  // as the format names it: "CONV_2D"
  engine::OpOptions options;
  std::vector<int> inputs;  // tensor indices, -1: an optional input that is absent
  int output = 0;
};

// Tensor and operator indices are those of the file, so that records of other runtimes match by index.
struct Graph {
  std::string name;
  std::vector<Tensor> tensors;  // tensors that no operator uses stay empty
  std::vector<Op> ops;  // execution order: every input is constant, a model input, or made by an earlier op
  std::vector<int> inputs;
  std::vector<int> outputs;
};

// Multiply-accumulates of one inference of this operator; 0 for operators without weights.
uint64_t multiply_accumulates(const Graph& graph, const Op& op);

}  // namespace assay::model
