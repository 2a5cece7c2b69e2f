// What a weight packer is: the host half of a kernel. It turns an operator of a model into the parameters
// that the kernel of the same set reads from the plan. Host only; uses nothing of the rest of the host, so
// that kernel and packer of one set live in one folder.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "../engine.h"
#include "kernel.h"

namespace assay::engine {

enum class Padding : uint8_t { kSame, kValid };
enum class Activation : uint8_t { kNone, kRelu, kReluN1To1, kRelu6 };

// Options of one operator; which fields count depends on its code.
struct OpOptions {
  Padding padding = Padding::kValid;
  Activation activation = Activation::kNone;
  int32_t stride_h = 1, stride_w = 1;
  int32_t dilation_h = 1, dilation_w = 1;
  int32_t filter_h = 1, filter_w = 1;  // pools
  int32_t depth_multiplier = 1;
  float beta = 1;  // softmax
};

// A tensor as packers see it; pointers belong to the caller.
struct PackTensor {
  Type type = Type::kInt8;
  std::vector<int64_t> dims;
  float scale = 0;  // per tensor, or of channel 0
  int32_t zero_point = 0;
  const float* channel_scales = nullptr;  // per channel, or null
  const uint8_t* data = nullptr;          // constant data, or null

  int64_t elements() const {
    int64_t n = 1;
    for (int64_t d : dims) n *= d;
    return n;
  }
};

struct PackRequest {
  OpCode code = OpCode::kConv2d;
  OpOptions options;
  std::vector<const PackTensor*> inputs;  // null: an optional input that is absent
  const PackTensor* output = nullptr;
};

struct Packed {
  std::vector<uint8_t> parameters;
  uint32_t scratch_bytes = 0;
  std::vector<uint8_t> read_inputs;  // positions of the inputs that run() reads

  // Appends at the next multiple of 4; returns the offset.
  uint32_t append(const void* data, size_t bytes) {
    parameters.resize((parameters.size() + 3) & ~size_t{3});
    const uint32_t offset = static_cast<uint32_t>(parameters.size());
    const auto* from = static_cast<const uint8_t*>(data);
    parameters.insert(parameters.end(), from, from + bytes);
    return offset;
  }
};

enum class PackStatus : uint8_t {
  kOk,
  kDeclined,  // this set has no fast form for this case: the planner asks the reference set
  kInvalid,   // the operator's tensors contradict each other: `why` says what
};

struct Packer {
  OpCode code;
  Type type;  // of the first input, as in the kernel's row
  PackStatus (*pack)(const PackRequest& request, Packed& packed, std::string& why);
  bool in_place;  // output may take the place of a dying input of the same size
};

struct PackerSet {
  const char* name;
  const Packer* packers;
  size_t count;
};

// nullptr when the set lacks the operator for that element type.
const Packer* find_packer(KernelSetId set, OpCode code, Type type);
const char* kernel_set_name(KernelSetId set);

}  // namespace assay::engine
