// The native engine: executes a plan (bytes made by host/model) in an arena. No heap, no I/O, nothing of the
// agent.
//
// One build runs on the device, the same sources built for the host are R2. The plan lies in flash and is
// only read; every offset in it is checked once, by open(), so that run() needs no checks.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace assay::engine {

enum class [[nodiscard]] Status : uint8_t{
    kOk = 0,
    kBadMagic,       // not a plan
    kBadVersion,     // made by another version of the planner
    kBadChecksum,    // CRC-32 differs
    kBadPlan,        // an offset, count or shape is out of bounds
    kUnknownKernel,  // this build lacks a kernel that the plan names
    kArenaTooSmall,
};

// Called around operator `op` (index in execution order).
struct Hooks {
  void (*begin)(void* user, uint16_t op) = nullptr;
  void (*end)(void* user, uint16_t op) = nullptr;
  void* user = nullptr;
};

enum class Type : uint8_t {
  kFloat32 = 0,
  kInt8 = 1,
  kUint8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kBool = 5,
  kInt64 = 6
};

constexpr int kMaxRank = 6;

// A tensor as the border sees it; `data` points into the arena.
struct TensorView {
  void* data;
  uint32_t bytes;
  Type type;
  uint8_t rank;
  uint32_t dims[kMaxRank];
  float scale;
  int32_t zero_point;
};

class Engine {
 public:
  // `plan` must be 8-byte aligned and stay valid; `arena` 16-byte aligned, else kBadPlan. After an error the
  // engine is closed: counts are 0 and run() returns kBadPlan.
  Status open(const uint8_t* plan, size_t plan_bytes, uint8_t* arena, size_t arena_bytes);
  // One inference on input(0..). Inputs stay as they were written, so that run() may be repeated.
  Status run(const Hooks& hooks = {});

  uint16_t op_count() const;
  uint8_t input_count() const;
  uint8_t output_count() const;
  TensorView input(uint8_t index) const;  // index < input_count()
  TensorView output(uint8_t index) const;
  uint32_t arena_bytes() const;    // planned; no byte of the arena beyond is touched
  const char* model_hash() const;  // 64 hex digits, NUL-terminated
  const char* model_name() const;

 private:
  TensorView view(uint16_t position) const;

  const uint8_t* plan_ = nullptr;
  uint8_t* arena_ = nullptr;
};

}  // namespace assay::engine
