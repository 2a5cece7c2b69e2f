// What a kernel is on the device: a check that runs once in open(), and a run that needs no checks.
//
// A kernel set is a folder kernels/<set>/ and one line in kernel_sets.inc. The folder holds, per operator,
//   <operator>.h         the parameters as they lie in the plan
//   <operator>.cpp       check and run; built for the device and for the host (R2)
//   <operator>_pack.cpp  the weight packer, which writes those parameters; host only (see pack.h)
// and `<set>.cpp` / `<set>_pack.cpp` with the tables `<set>::kKernels` / `<set>::kPackers`. An operator has
// one row per element type of its first input: files of the float32 form are named <operator>_f32.
//
// Kernels give the same bits on every core and on the host: integers wrap at 32 bits, floats are IEEE single
// precision added in a fixed order, never contracted (-ffp-contract=off), without libm, and a NaN leaves as
// one NaN.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../engine.h"
#include "../plan.h"

namespace assay::engine {

// Values are stored in plans: append only.
enum class OpCode : uint8_t {
  kConv2d = 0,
  kDepthwiseConv2d,
  kFullyConnected,
  kAveragePool2d,
  kMaxPool2d,
  kMean,
  kReshape,
  kSoftmax,
  kAdd,
  kQuantize,
  kDequantize,
  kCount,
};

// One operator of an open plan, as its kernel sees it.
struct OpContext {
  const uint8_t* plan;
  uint8_t* arena;
  const PlanTensor* tensors;
  const PlanOp* op;

  const PlanTensor& tensor(int position) const {
    return tensors[reinterpret_cast<const uint16_t*>(plan + op->tensors)[position]];
  }
  const PlanTensor& input_tensor(int index) const { return tensor(index); }
  const PlanTensor& output_tensor() const { return tensor(op->input_count); }
  const void* input(int index) const {
    const PlanTensor& t = tensor(index);
    return (t.storage == static_cast<uint8_t>(Storage::kPlan) ? plan : arena) + t.offset;
  }
  void* output() const { return arena + output_tensor().offset; }
  const uint8_t* parameters() const { return plan + op->parameters; }
  uint8_t* scratch() const { return arena + op->scratch; }
  // `bytes` from `offset` of the parameters lie inside them.
  bool holds(uint64_t offset, uint64_t bytes) const { return offset + bytes <= op->parameter_bytes; }
};

// Of a row that takes every element type: it only moves bytes.
constexpr Type kAnyType = static_cast<Type>(0xff);

struct Kernel {
  OpCode code;
  Type type;            // of the first input
  uint8_t input_count;  // tensors that run() reads; there is one output
  bool (*check)(
      const OpContext& op);  // everything that run() relies on; tensors are already inside the arena
  void (*run)(const OpContext& op);
};

inline bool is(const PlanTensor& tensor, Type type) { return tensor.type == static_cast<uint8_t>(type); }

struct KernelSet {
  const char* name;
  const Kernel* kernels;
  size_t count;
};

enum class KernelSetId : uint8_t {
#define ASSAY_KERNEL_SET(id, name) id,
#include "kernel_sets.inc"
#undef ASSAY_KERNEL_SET
  kCount,
};

// nullptr when this build lacks it. `type`: of the operator's first input.
const Kernel* find_kernel(uint8_t set, uint8_t code, uint8_t type);
const KernelSet& kernel_set(KernelSetId id);

}  // namespace assay::engine
