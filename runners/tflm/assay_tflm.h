// Puts TensorFlow Lite for Microcontrollers under the agent. Header only, C++17; TFLM's headers and library
// are the user's own (tensorflow/lite/micro, built with whatever kernels ship: reference, CMSIS-NN, ...).
//
//     static tflite::MicroMutableOpResolver<6> resolver;   // as the product fills it
//     alignas(16) static uint8_t arena[32 * 1024];
//     static assay::tflm::Runner runner;
//     ...
//     if (const char* problem = runner.open(model_data, resolver, arena, sizeof arena, "kws01", hash)) ...
//     assay_init(&port, &runner.model(), 1);
//
// Per-operator times: through the profiler that MicroInterpreter takes; one record per operator of the main
// subgraph, in order of execution, those of a subgraph that an operator calls counted with it. TFLM calls a
// profiler only when built without TF_LITE_STRIP_ERROR_STRINGS; else leave them out (kNoOperators). Tensors
// are where the interpreter has them: the arena. TFLM may reuse the memory of an input within a run, so each
// run needs its input anew.
//
// A tapped model (more outputs than the original) needs nothing else: outputs are what the loaded model says.
//
// Errors: open() returns nullptr, or one line that says what to do. run(): 0, 1 where TFLM asks for another
// hop (kTfLiteAbort), else minus TfLiteStatus.
//
// RAM: the interpreter (about 200 bytes), kMaxTensors tensors of 56 bytes, 4 bytes an operator name. Extend:
// raise the ASSAY_TFLM_MAX_ macros before the include.
#pragma once

#ifndef TF_LITE_STATIC_MEMORY
#error \
    "TF_LITE_STATIC_MEMORY changes the layout of TfLiteTensor: define it, as TFLM's own build of the library does"
#endif

#include <stdint.h>
#include <string.h>

#include <new>

#include "agent/assay.h"
#include "tensorflow/compiler/mlir/lite/schema/schema_utils.h"
#include "tensorflow/lite/micro/micro_context.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler_interface.h"
#include "tensorflow/lite/schema/schema_generated.h"

#ifndef ASSAY_TFLM_MAX_TENSORS
#define ASSAY_TFLM_MAX_TENSORS 8  // inputs, and outputs; a tapped model has some more outputs
#endif
#ifndef ASSAY_TFLM_MAX_OPERATORS
#define ASSAY_TFLM_MAX_OPERATORS 128  // a model of more has no names
#endif

namespace assay::tflm {

// Turns TFLM's events into the agent's operators.
class OperatorTimer final : public tflite::MicroProfilerInterface {
 public:
  void start() { next_ = depth_ = 0; }
  // TFLM's events carry a name and nest; of the main subgraph alone they come one after the other.
  uint32_t BeginEvent(const char*) override {
    if (depth_++ == 0) assay_op_begin(next_);
    return 0;
  }
  void EndEvent(uint32_t) override {
    if (--depth_ == 0) assay_op_end(next_++);
  }
  // A virtual destructor asks for one; nothing here is ever deleted.
  static void operator delete(void*) {}

 private:
  uint16_t next_ = 0;
  uint16_t depth_ = 0;
};

class Runner {
 public:
  enum Operators { kTimeOperators, kNoOperators };

  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Everything named outlives the runner, which stays where it is: interpreter and agent keep pointers into
  // it. `model` is a .tflite, 16-byte aligned; `hash` its SHA-256 in hex, or nullptr.
  const char* open(const void* model, const tflite::MicroOpResolver& resolver, uint8_t* arena,
                   size_t arena_bytes, const char* name, const char* hash,
                   Operators operators = kTimeOperators);

  // Valid after open() returned nullptr.
  const assay_model& model() const { return model_; }
  tflite::MicroInterpreter& interpreter() { return *interpreter_; }

 private:
  const char* take_tensors();
  void take_operators(const tflite::Model& model);

  OperatorTimer timer_;
  alignas(tflite::MicroInterpreter) uint8_t storage_[sizeof(tflite::MicroInterpreter)];
  tflite::MicroInterpreter* interpreter_ = nullptr;
  assay_tensor inputs_[ASSAY_TFLM_MAX_TENSORS] = {};
  assay_tensor outputs_[ASSAY_TFLM_MAX_TENSORS] = {};
  const char* names_[ASSAY_TFLM_MAX_OPERATORS] = {};
  assay_model model_ = {};
};

// False: a type that the protocol does not carry.
inline bool border_tensor(const TfLiteTensor& from, assay_tensor& to) {
  static constexpr struct {
    TfLiteType from;
    assay_type to;
  } kTypes[] = {{kTfLiteFloat32, ASSAY_FLOAT32}, {kTfLiteInt8, ASSAY_INT8},   {kTfLiteUInt8, ASSAY_UINT8},
                {kTfLiteInt16, ASSAY_INT16},     {kTfLiteInt32, ASSAY_INT32}, {kTfLiteBool, ASSAY_BOOL},
                {kTfLiteInt64, ASSAY_INT64}};
  if (from.dims->size > ASSAY_MAX_RANK) return false;
  to = assay_tensor{};
  to.data = from.data.raw;
  to.bytes = static_cast<uint32_t>(from.bytes);
  to.rank = static_cast<uint8_t>(from.dims->size);
  for (int i = 0; i < from.dims->size; ++i) to.dims[i] = static_cast<uint32_t>(from.dims->data[i]);
  to.scale = from.params.scale;
  to.zero_point = from.params.zero_point;
  for (const auto& type : kTypes) {
    if (type.from != from.type) continue;
    to.type = type.to;
    return true;
  }
  return false;
}

inline const char* Runner::take_tensors() {
  const size_t inputs = interpreter_->inputs_size(), outputs = interpreter_->outputs_size();
  if (inputs > ASSAY_TFLM_MAX_TENSORS || outputs > ASSAY_TFLM_MAX_TENSORS)
    return "the model has more inputs or outputs than ASSAY_TFLM_MAX_TENSORS: raise it";
  for (size_t i = 0; i < inputs; ++i) {
    if (!border_tensor(*interpreter_->input(i), inputs_[i]))
      return "an input has a type or rank that is not carried";
  }
  for (size_t i = 0; i < outputs; ++i) {
    if (!border_tensor(*interpreter_->output(i), outputs_[i]))
      return "an output has a type or rank that is not carried";
  }
  model_.inputs = inputs_;
  model_.outputs = outputs_;
  model_.input_count = static_cast<uint8_t>(inputs);
  model_.output_count = static_cast<uint8_t>(outputs);
  return nullptr;
}

inline void Runner::take_operators(const tflite::Model& model) {
  const auto& operators = *model.subgraphs()->Get(0)->operators();
  model_.op_count = static_cast<uint16_t>(operators.size());
  for (uint16_t i = 0; i < model_.op_count && i < ASSAY_TFLM_MAX_OPERATORS; ++i) {
    const auto* code = model.operator_codes()->Get(operators.Get(i)->opcode_index());
    const auto builtin = tflite::GetBuiltinCode(code);
    names_[i] = builtin == tflite::BuiltinOperator_CUSTOM && code->custom_code()
                    ? code->custom_code()->c_str()
                    : tflite::EnumNameBuiltinOperator(builtin);
  }
  if (model_.op_count <= ASSAY_TFLM_MAX_OPERATORS) model_.op_names = names_;
}

inline const char* Runner::open(const void* data, const tflite::MicroOpResolver& resolver, uint8_t* arena,
                                size_t arena_bytes, const char* name, const char* hash, Operators operators) {
  const tflite::Model* model = tflite::GetModel(data);
  if (model->version() != TFLITE_SCHEMA_VERSION)
    return "the model's bytes are no .tflite of schema version 3: is the array whole and 16-byte aligned?";
  const bool timed = operators == kTimeOperators;
  interpreter_ = new (storage_)
      tflite::MicroInterpreter(model, resolver, arena, arena_bytes, nullptr, timed ? &timer_ : nullptr);
  if (interpreter_->AllocateTensors() != kTfLiteOk)
    return "TFLM cannot allocate the model: raise the arena, or add the operators it names to the resolver";
  model_ = assay_model{};
  model_.name = name;
  model_.engine = "tflm";
  model_.hash = hash;
  if (const char* problem = take_tensors()) return problem;
  if (timed) take_operators(*model);
  model_.arena_bytes = static_cast<uint32_t>(interpreter_->arena_used_bytes());
  model_.run = [](void* user) {
    auto* self = static_cast<Runner*>(user);
    self->timer_.start();
    const TfLiteStatus status = self->interpreter_->Invoke();
    if (status == kTfLiteOk) return 0;
    return status == tflite::kTfLiteAbort ? 1 : -static_cast<int>(status);
  };
  model_.reset = [](void* user) { static_cast<Runner*>(user)->interpreter_->Reset(); };
  model_.arena_used = [](void* user) {
    return static_cast<uint32_t>(static_cast<Runner*>(user)->interpreter_->arena_used_bytes());
  };
  model_.user = this;
  return nullptr;
}

}  // namespace assay::tflm
