// The plan: what host/model makes of a `.tflite` and what Engine::open() reads in place from flash.
//
//   PlanHeader | PlanTensor[tensor_count] | PlanOp[op_count] | u16 tensor lists | strings | parameters of
//   each operator
//
// Every offset counts bytes from the first byte of the plan, except PlanTensor::offset of an arena tensor,
// which counts from the arena. Little endian; sections are aligned to 4 bytes, parameters to 8. The CRC-32
// (zlib's polynomial) covers everything from kPlanChecksumStart to plan_bytes. A change of any layout here or
// in a kernel's parameters raises kPlanVersion: an old plan is then refused with kBadVersion, and the remedy
// is to make it again from the model.
#pragma once

#include <stdint.h>

namespace assay::engine {

constexpr uint32_t kPlanMagic = 0x4C505341;  // "ASPL"
constexpr uint16_t kPlanVersion = 1;
constexpr uint32_t kPlanChecksumStart = 16;
constexpr uint32_t kPlanAlignment = 8;
constexpr uint32_t kArenaAlignment = 16;

struct PlanHeader {
  uint32_t magic;
  uint16_t version;
  uint16_t header_bytes;
  uint32_t plan_bytes;
  uint32_t crc32;
  uint32_t arena_bytes;
  uint32_t tensors;  // PlanTensor[tensor_count]
  uint32_t ops;      // PlanOp[op_count], in execution order
  uint32_t io;       // u16[input_count + output_count]: tensor indices
  uint32_t name;     // NUL-terminated
  uint32_t hash;     // 64 hex digits, NUL-terminated
  uint16_t tensor_count;
  uint16_t op_count;
  uint8_t input_count;
  uint8_t output_count;
  uint16_t reserved;
};
static_assert(sizeof(PlanHeader) == 48);

enum class Storage : uint8_t {
  kArena = 0,
  kPlan = 1,  // constant, read in place
};

struct PlanTensor {
  uint32_t offset;
  uint32_t bytes;
  uint8_t type;  // Type of engine.h
  uint8_t rank;
  uint8_t storage;
  uint8_t reserved;
  uint32_t dims[6];
  float scale;
  int32_t zero_point;
};
static_assert(sizeof(PlanTensor) == 44);

struct PlanOp {
  uint8_t kernel_set;  // KernelSetId
  uint8_t code;        // OpCode
  uint8_t input_count;
  uint8_t output_count;
  uint32_t tensors;     // u16[input_count + output_count]: indices of what run() reads and writes
  uint32_t parameters;  // the kernel's own struct and data
  uint32_t parameter_bytes;
  uint32_t scratch;  // arena offset of working memory of this operator alone
  uint32_t scratch_bytes;
};
static_assert(sizeof(PlanOp) == 24);

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "plans are little endian");

}  // namespace assay::engine
