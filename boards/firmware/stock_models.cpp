// The stock firmware's model: whatever plan the host wrote into the model region, run by the native engine.
#include "boards/board.h"
#include "boards/firmware/arena.h"
#include "runners/firmware_models.h"
#include "runners/native/native_runner.h"

namespace assay::boards {
namespace {

native::NativeRunner runner;

}  // namespace
}  // namespace assay::boards

const assay_model* assay_firmware_models(uint8_t* count, const char** problem) {
  using namespace assay;
  using namespace assay::boards;
  const Region plan = plan_region();
  const engine::Status status =
      plan.bytes ? runner.open(plan.data, plan.bytes, arena(), kArenaSize) : engine::Status::kBadMagic;
  *count = status == engine::Status::kOk ? 1 : 0;
  if (!*count) *problem = native::status_text(status);
  return *count ? &runner.model() : nullptr;
}
