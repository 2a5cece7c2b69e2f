#include "plan_check.h"

#include "checksum.h"
#include "kernels/kernel.h"

namespace assay::engine {
namespace {

// Bytes of one element, by Type.
constexpr uint8_t kElementBytes[] = {4, 1, 1, 2, 4, 1, 8};

struct Section {
  const uint8_t* plan;
  uint32_t plan_bytes;

  // `bytes` at `offset`, aligned to `alignment` (a power of two).
  bool holds(uint64_t offset, uint64_t bytes, uint32_t alignment) const {
    return offset >= sizeof(PlanHeader) && (offset & (alignment - 1)) == 0 && offset + bytes <= plan_bytes;
  }
  bool holds_text(uint32_t offset) const {
    if (!holds(offset, 1, 1)) return false;
    for (uint32_t at = offset; at < plan_bytes; ++at) {
      if (plan[at] == 0) return true;
    }
    return false;
  }
  bool holds_indices(uint32_t offset, uint32_t count, uint32_t limit) const {
    if (!holds(offset, uint64_t{2} * count, 2)) return false;
    const auto* index = reinterpret_cast<const uint16_t*>(plan + offset);
    for (uint32_t i = 0; i < count; ++i) {
      if (index[i] >= limit) return false;
    }
    return true;
  }
};

bool tensor_fits(const PlanTensor& tensor, const PlanHeader& header, const Section& section) {
  if (tensor.type >= sizeof kElementBytes || tensor.rank > kMaxRank) return false;
  const uint32_t element = kElementBytes[tensor.type];
  uint64_t bytes = element;
  for (uint8_t d = 0; d < tensor.rank; ++d) {
    bytes *= tensor.dims[d];
    if (bytes == 0 || bytes > 0x7fffffffu) return false;
  }
  if (bytes != tensor.bytes) return false;
  if (tensor.storage == static_cast<uint8_t>(Storage::kPlan)) return section.holds(tensor.offset, bytes, 4);
  return tensor.storage == static_cast<uint8_t>(Storage::kArena) && (tensor.offset & 3) == 0 &&
         tensor.offset + bytes <= header.arena_bytes;
}

Status check_op(const PlanOp& op, const PlanHeader& header, const Section& section, uint8_t* arena) {
  if (op.input_count < 1 || op.output_count != 1) return Status::kBadPlan;
  if (!section.holds_indices(op.tensors, op.input_count + 1u, header.tensor_count)) return Status::kBadPlan;
  const auto* tensors = reinterpret_cast<const PlanTensor*>(section.plan + header.tensors);
  const OpContext context{section.plan, arena, tensors, &op};
  const Kernel* kernel = find_kernel(op.kernel_set, op.code, context.input_tensor(0).type);
  if (!kernel) return Status::kUnknownKernel;
  if (op.input_count != kernel->input_count) return Status::kBadPlan;
  if (!section.holds(op.parameters, op.parameter_bytes, kPlanAlignment)) return Status::kBadPlan;
  if ((op.scratch & 3) != 0 || uint64_t{op.scratch} + op.scratch_bytes > header.arena_bytes)
    return Status::kBadPlan;
  if (context.output_tensor().storage != static_cast<uint8_t>(Storage::kArena)) return Status::kBadPlan;
  // Kernels keep offsets in their scratch while they write: the output must not reach into it.
  const PlanTensor& output = context.output_tensor();
  if (uint64_t{op.scratch} < uint64_t{output.offset} + output.bytes &&
      output.offset < uint64_t{op.scratch} + op.scratch_bytes) {
    return Status::kBadPlan;
  }
  return kernel->check(context) ? Status::kOk : Status::kBadPlan;
}

Status check_header(const PlanHeader& header, const uint8_t* plan, size_t plan_bytes, size_t arena_bytes) {
  if (header.magic != kPlanMagic) return Status::kBadMagic;
  if (header.version != kPlanVersion || header.header_bytes != sizeof(PlanHeader)) return Status::kBadVersion;
  if (header.plan_bytes < sizeof(PlanHeader) || header.plan_bytes > plan_bytes) return Status::kBadPlan;
  const uint32_t crc = checksum(plan + kPlanChecksumStart, header.plan_bytes - kPlanChecksumStart);
  if (crc != header.crc32) return Status::kBadChecksum;
  if (header.arena_bytes > arena_bytes) return Status::kArenaTooSmall;
  return Status::kOk;
}

}  // namespace

Status check_plan(const uint8_t* plan, size_t plan_bytes, uint8_t* arena, size_t arena_bytes) {
  if (!plan || !arena || reinterpret_cast<uintptr_t>(plan) % kPlanAlignment != 0 ||
      reinterpret_cast<uintptr_t>(arena) % kArenaAlignment != 0) {
    return Status::kBadPlan;
  }
  if (plan_bytes < sizeof(PlanHeader)) return Status::kBadMagic;
  const auto& header = *reinterpret_cast<const PlanHeader*>(plan);
  const Status status = check_header(header, plan, plan_bytes, arena_bytes);
  if (status != Status::kOk) return status;

  const Section section{plan, header.plan_bytes};
  if (!section.holds(header.tensors, uint64_t{header.tensor_count} * sizeof(PlanTensor), 4) ||
      !section.holds(header.ops, uint64_t{header.op_count} * sizeof(PlanOp), 4) ||
      !section.holds_text(header.name) || !section.holds_text(header.hash) ||
      !section.holds_indices(header.io, header.input_count + uint32_t{header.output_count},
                             header.tensor_count)) {
    return Status::kBadPlan;
  }
  const auto* tensors = reinterpret_cast<const PlanTensor*>(plan + header.tensors);
  for (uint16_t t = 0; t < header.tensor_count; ++t) {
    if (!tensor_fits(tensors[t], header, section)) return Status::kBadPlan;
  }
  const auto* io = reinterpret_cast<const uint16_t*>(plan + header.io);
  for (uint32_t i = 0; i < header.input_count + uint32_t{header.output_count}; ++i) {
    if (tensors[io[i]].storage != static_cast<uint8_t>(Storage::kArena)) return Status::kBadPlan;
  }
  const auto* ops = reinterpret_cast<const PlanOp*>(plan + header.ops);
  for (uint16_t i = 0; i < header.op_count; ++i) {
    const Status op_status = check_op(ops[i], header, section, arena);
    if (op_status != Status::kOk) return op_status;
  }
  return Status::kOk;
}

}  // namespace assay::engine
