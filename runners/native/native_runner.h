// Puts the native engine under the agent: one plan in flash becomes one assay_model.
//
// The runner owns no memory but its tables; plan and arena belong to the firmware and outlive it. It must
// stay where open() was called: the agent keeps pointers into it.
#pragma once

#include "agent/assay.h"
#include "runners/native/engine/engine.h"

namespace assay::native {

class NativeRunner {
 public:
  NativeRunner() = default;
  NativeRunner(const NativeRunner&) = delete;
  NativeRunner& operator=(const NativeRunner&) = delete;

  // `plan` is 8-byte aligned, `arena` 16-byte aligned. Paints the arena first, so that its use can be read
  // back. Every error of engine::Engine::open; kBadPlan also for more than kMaxTensors inputs or outputs.
  engine::Status open(const uint8_t* plan, size_t plan_bytes, uint8_t* arena, size_t arena_bytes);

  // Valid after open() returned kOk.
  const assay_model& model() const { return model_; }

  static constexpr uint8_t kMaxTensors = 4;

 private:
  uint32_t arena_used() const;

  engine::Engine engine_;
  const uint8_t* arena_ = nullptr;
  size_t arena_bytes_ = 0;
  assay_tensor inputs_[kMaxTensors] = {};
  assay_tensor outputs_[kMaxTensors] = {};
  assay_model model_ = {};
};

// One line for the host's log: what is wrong with the plan and what to do.
const char* status_text(engine::Status status);

}  // namespace assay::native
