#include "runners/native/native_runner.h"

#include <string.h>

namespace assay::native {
namespace {

// Not 0 and not the quantised zero of usual models: what an operator writes rarely looks like it.
constexpr uint8_t kPaint = 0xC5;
constexpr uint32_t kPaintWord = 0xC5C5C5C5;

constexpr assay_type kTypes[] = {ASSAY_FLOAT32, ASSAY_INT8, ASSAY_UINT8, ASSAY_INT16,
                                 ASSAY_INT32,   ASSAY_BOOL, ASSAY_INT64};

assay_tensor border_tensor(const engine::TensorView& view) {
  assay_tensor tensor = {};
  tensor.data = view.data;
  tensor.bytes = view.bytes;
  tensor.type = kTypes[static_cast<uint8_t>(view.type)];
  tensor.rank = view.rank;
  for (int i = 0; i < view.rank; ++i) tensor.dims[i] = view.dims[i];
  tensor.scale = view.scale;
  tensor.zero_point = view.zero_point;
  return tensor;
}

constexpr engine::Hooks kOpHooks = {
    .begin = [](void*, uint16_t op) { assay_op_begin(op); },
    .end = [](void*, uint16_t op) { assay_op_end(op); },
};

// By engine::Status.
constexpr const char* kStatusTexts[] = {
    "ok",
    "no plan in the model region: write one",
    "the plan was made by another version of the planner: make it again",
    "the plan's checksum is wrong: write it again",
    "the plan is not usable: an offset, count or shape is out of bounds",
    "the plan names a kernel that this firmware lacks: flash the firmware of the same release",
    "the plan needs more arena than this firmware sets aside",
};

}  // namespace

engine::Status NativeRunner::open(const uint8_t* plan, size_t plan_bytes, uint8_t* arena,
                                  size_t arena_bytes) {
  memset(arena, kPaint, arena_bytes);
  arena_ = arena;
  arena_bytes_ = arena_bytes;
  const engine::Status status = engine_.open(plan, plan_bytes, arena, arena_bytes);
  if (status != engine::Status::kOk) return status;
  if (engine_.input_count() > kMaxTensors || engine_.output_count() > kMaxTensors)
    return engine::Status::kBadPlan;
  for (uint8_t i = 0; i < engine_.input_count(); ++i) inputs_[i] = border_tensor(engine_.input(i));
  for (uint8_t i = 0; i < engine_.output_count(); ++i) outputs_[i] = border_tensor(engine_.output(i));
  model_ = {.name = engine_.model_name(),
            .engine = "native",
            .hash = engine_.model_hash(),
            .inputs = inputs_,
            .outputs = outputs_,
            .input_count = engine_.input_count(),
            .output_count = engine_.output_count(),
            .op_count = engine_.op_count(),
            .arena_bytes = engine_.arena_bytes(),
            .run =
                [](void* user) {
                  const auto status = static_cast<NativeRunner*>(user)->engine_.run(kOpHooks);
                  return -static_cast<int>(status);
                },
            .reset = nullptr,
            .arena_used = [](void* user) { return static_cast<const NativeRunner*>(user)->arena_used(); },
            .user = this};
  return status;
}

uint32_t NativeRunner::arena_used() const {
  // The highest byte that lost its paint: holes below it were planned for, so they count as used.
  size_t top = arena_bytes_ & ~size_t{3};
  const auto* words = reinterpret_cast<const uint32_t*>(arena_);
  while (top >= 4 && words[top / 4 - 1] == kPaintWord) top -= 4;
  return static_cast<uint32_t>(top);
}

const char* status_text(engine::Status status) {
  const auto index = static_cast<size_t>(status);
  return index < sizeof kStatusTexts / sizeof *kStatusTexts ? kStatusTexts[index] : "unknown engine status";
}

}  // namespace assay::native
