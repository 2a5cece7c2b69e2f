#include "engine.h"

#include "kernels/kernel.h"
#include "plan.h"
#include "plan_check.h"

namespace assay::engine {
namespace {

const PlanHeader& header_of(const uint8_t* plan) { return *reinterpret_cast<const PlanHeader*>(plan); }

}  // namespace

Status Engine::open(const uint8_t* plan, size_t plan_bytes, uint8_t* arena, size_t arena_bytes) {
  const Status status = check_plan(plan, plan_bytes, arena, arena_bytes);
  plan_ = status == Status::kOk ? plan : nullptr;
  arena_ = arena;
  return status;
}

Status Engine::run(const Hooks& hooks) {
  if (!plan_) return Status::kBadPlan;
  const PlanHeader& header = header_of(plan_);
  const auto* ops = reinterpret_cast<const PlanOp*>(plan_ + header.ops);
  OpContext context{plan_, arena_, reinterpret_cast<const PlanTensor*>(plan_ + header.tensors), ops};
  for (uint16_t i = 0; i < header.op_count; ++i, ++context.op) {
    const Kernel* kernel =
        find_kernel(context.op->kernel_set, context.op->code, context.input_tensor(0).type);
    if (hooks.begin) hooks.begin(hooks.user, i);
    kernel->run(context);
    if (hooks.end) hooks.end(hooks.user, i);
  }
  return Status::kOk;
}

TensorView Engine::view(uint16_t position) const {
  const PlanHeader& header = header_of(plan_);
  const uint16_t index = reinterpret_cast<const uint16_t*>(plan_ + header.io)[position];
  const PlanTensor& tensor = reinterpret_cast<const PlanTensor*>(plan_ + header.tensors)[index];
  TensorView view{arena_ + tensor.offset, tensor.bytes,     static_cast<Type>(tensor.type), tensor.rank, {},
                  tensor.scale,           tensor.zero_point};
  for (uint8_t d = 0; d < tensor.rank; ++d) view.dims[d] = tensor.dims[d];
  return view;
}

uint16_t Engine::op_count() const { return plan_ ? header_of(plan_).op_count : 0; }
uint8_t Engine::input_count() const { return plan_ ? header_of(plan_).input_count : 0; }
uint8_t Engine::output_count() const { return plan_ ? header_of(plan_).output_count : 0; }
TensorView Engine::input(uint8_t index) const { return view(index); }
TensorView Engine::output(uint8_t index) const { return view(static_cast<uint16_t>(input_count() + index)); }
uint32_t Engine::arena_bytes() const { return plan_ ? header_of(plan_).arena_bytes : 0; }
const char* Engine::model_hash() const {
  return plan_ ? reinterpret_cast<const char*>(plan_ + header_of(plan_).hash) : "";
}
const char* Engine::model_name() const {
  return plan_ ? reinterpret_cast<const char*>(plan_ + header_of(plan_).name) : "";
}

}  // namespace assay::engine
