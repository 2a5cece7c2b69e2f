#include "model/host_plan.h"

#include <fmt/format.h>

#include <cstring>

#include "engine/plan.h"

namespace assay::model {
namespace {

const char* reason(engine::Status status) {
  switch (status) {
    case engine::Status::kOk:
      return "ok";
    case engine::Status::kBadMagic:
      return "these bytes are not a plan";
    case engine::Status::kBadVersion:
      return "it was made by another version of Assay";
    case engine::Status::kBadChecksum:
      return "its checksum differs";
    case engine::Status::kBadPlan:
      return "an offset, count or shape is out of bounds";
    case engine::Status::kUnknownKernel:
      return "this build lacks one of its kernels";
    case engine::Status::kArenaTooSmall:
      return "the arena is too small";
  }
  return "unknown status";
}

}  // namespace

Result<HostPlan> HostPlan::open(std::span<const uint8_t> plan) {
  HostPlan host;
  host.plan_.resize(plan.size() / sizeof(Chunk) + 1);
  std::memcpy(host.plan_.data(), plan.data(), plan.size());
  engine::PlanHeader header{};
  std::memcpy(&header, plan.data(), std::min(plan.size(), sizeof header));
  constexpr size_t kLargestArena = size_t{1} << 31;
  if (header.magic == engine::kPlanMagic && header.arena_bytes <= kLargestArena) {
    host.arena_.resize(header.arena_bytes / sizeof(Chunk) + 1);
  } else {
    host.arena_.resize(1);
  }
  const auto status = host.engine_.open(host.plan_.data()->bytes, plan.size(), host.arena_.data()->bytes,
                                        host.arena_.size() * sizeof(Chunk));
  if (status != engine::Status::kOk)
    return fail("model.bad_plan", fmt::format("the plan is refused: {}", reason(status)));
  return host;
}

size_t HostPlan::input_bytes() const {
  size_t bytes = 0;
  for (uint8_t i = 0; i < engine_.input_count(); ++i) bytes += engine_.input(i).bytes;
  return bytes;
}

size_t HostPlan::output_bytes() const {
  size_t bytes = 0;
  for (uint8_t i = 0; i < engine_.output_count(); ++i) bytes += engine_.output(i).bytes;
  return bytes;
}

Result<std::vector<uint8_t>> HostPlan::run(std::span<const uint8_t> inputs, const engine::Hooks& hooks) {
  if (inputs.size() != input_bytes()) {
    return fail("model.bad_shape",
                fmt::format("the inputs have {} bytes, the plan takes {}", inputs.size(), input_bytes()));
  }
  const uint8_t* from = inputs.data();
  for (uint8_t i = 0; i < engine_.input_count(); ++i) {
    const engine::TensorView view = engine_.input(i);
    std::memcpy(view.data, from, view.bytes);
    from += view.bytes;
  }
  const auto status = engine_.run(hooks);
  if (status != engine::Status::kOk)
    return fail("model.bad_plan", fmt::format("the engine stopped: {}", reason(status)));
  std::vector<uint8_t> outputs;
  outputs.reserve(output_bytes());
  for (uint8_t i = 0; i < engine_.output_count(); ++i) {
    const engine::TensorView view = engine_.output(i);
    const auto* data = static_cast<const uint8_t*>(view.data);
    outputs.insert(outputs.end(), data, data + view.bytes);
  }
  return outputs;
}

}  // namespace assay::model
