// A plan executed on this computer by the engine that boards run: the reference R2.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace assay::model {

class HostPlan {
 public:
  // Copies the plan. model.bad_plan with the engine's reason.
  static Result<HostPlan> open(std::span<const uint8_t> plan);

  // One sample: inputs one after the other, as raw bytes of input_bytes(); returns the outputs likewise.
  // model.bad_shape when the size differs.
  Result<std::vector<uint8_t>> run(std::span<const uint8_t> inputs, const engine::Hooks& hooks = {});

  size_t input_bytes() const;
  size_t output_bytes() const;
  engine::Engine& engine() { return engine_; }

 private:
  struct alignas(16) Chunk {
    uint8_t bytes[16];
  };
  std::vector<Chunk> plan_;
  std::vector<Chunk> arena_;
  engine::Engine engine_;
};

}  // namespace assay::model
