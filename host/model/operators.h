// The operators that a plan can hold. To add one: a line in operators.cpp, an OpCode, a kernel and a packer
// in the reference set (runners/native/engine/kernels/kernel.h tells how), and its options in
// tflite_options.cpp if it has any.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "model/graph.h"

namespace assay::model {

struct OperatorSpec {
  int builtin;  // number in the published schema
  engine::OpCode code;
  const char* name;
  int max_version;  // newest version whose meaning this importer knows
  uint8_t min_inputs, max_inputs;
  uint8_t constant_inputs;  // bit mask: these must be constant
  const char*
      types;        // one letter per input, '>' and the output's: b int8, i int32, f float32, * b or f,
                    // = any, and all other = the same as input 0, c the bias: int32 beside int8, else float32
  int weight_axis;  // axis of per-channel scales of input 1; -1: no weights
};

// nullptr when Assay lacks the operator.
const OperatorSpec* find_operator(int builtin);
// The published name of any operator number, for messages: "LOGISTIC", or "operator 99".
std::string operator_name(int builtin);

// Number, types and quantisation of the operator's tensors. model.unsupported_operator,
// model.unsupported_type, model.bad_quantization. Indices were checked before.
Status check_operands(const Graph& graph, const Op& op, const OperatorSpec& spec, const std::string& where);

}  // namespace assay::model
