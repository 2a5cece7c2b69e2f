#include "model/planner.h"

#include <fmt/format.h>

#include <limits>

#include "engine/plan.h"
#include "model/lifetimes.h"
#include "model/memory_plan.h"
#include "model/plan_writer.h"

namespace assay::model {
namespace {

using engine::KernelSetId;

struct CoreKernels {
  const char* core;
  KernelSetId set;
};
// The best kernel set of each core.
constexpr CoreKernels kCores[] = {
    {"cortex-m0", KernelSetId::kReference},  {"cortex-m0plus", KernelSetId::kReference},
    {"cortex-m3", KernelSetId::kReference},  {"cortex-m4", KernelSetId::kReference},
    {"cortex-m4f", KernelSetId::kReference}, {"cortex-m7", KernelSetId::kReference},
    {"cortex-m33", KernelSetId::kReference}, {"cortex-m55", KernelSetId::kReference},
    {"host", KernelSetId::kReference},
};

Result<KernelSetId> choose_set(const PlanTarget& target) {
  for (const auto& entry : kCores) {
    if (target.core != entry.core) continue;
    if (target.kernel_set.empty()) return entry.set;
    for (uint8_t id = 0; id < static_cast<uint8_t>(KernelSetId::kCount); ++id) {
      if (target.kernel_set == engine::kernel_set_name(static_cast<KernelSetId>(id)))
        return static_cast<KernelSetId>(id);
    }
    return fail("config.value", fmt::format("there is no kernel set '{}'", target.kernel_set));
  }
  return fail("config.value", fmt::format("no kernels are known for the core '{}'", target.core));
}

engine::PackTensor pack_view(const Tensor& tensor) {
  engine::PackTensor view;
  view.type = static_cast<engine::Type>(tensor.info.type);
  view.dims = tensor.info.dims;
  view.scale = static_cast<float>(tensor.info.scale);
  view.zero_point = static_cast<int32_t>(tensor.info.zero_point);
  view.channel_scales = tensor.channel_scales.empty() ? nullptr : tensor.channel_scales.data();
  view.data = tensor.constant ? tensor.data.data() : nullptr;
  return view;
}

Result<PlannedOp> pack_op(const Graph& graph, size_t index, KernelSetId preferred) {
  const Op& op = graph.ops[index];
  std::vector<engine::PackTensor> views;
  views.reserve(op.inputs.size() + 1);
  engine::PackRequest request{op.code, op.options, {}, nullptr};
  for (int input : op.inputs) {
    if (input >= 0) views.push_back(pack_view(graph.tensors[static_cast<size_t>(input)]));
    request.inputs.push_back(input >= 0 ? &views.back() : nullptr);
  }
  views.push_back(pack_view(graph.tensors[static_cast<size_t>(op.output)]));
  request.output = &views.back();

  std::string why;
  const std::string where = fmt::format("{}: operator {} {}", graph.name, index, op.name);
  for (KernelSetId set : {preferred, KernelSetId::kReference}) {
    const engine::Packer* packer = engine::find_packer(set, op.code, request.inputs[0]->type);
    if (!packer) continue;
    PlannedOp planned{set, {}, 0};
    const auto status = packer->pack(request, planned.packed, why);
    if (status == engine::PackStatus::kOk) return planned;
    if (status == engine::PackStatus::kInvalid) return fail("model.bad_shape", why, where);
  }
  return fail("model.unsupported_operator", fmt::format("no kernel takes this {}", op.name), where);
}

Status check_size(const char* what, uint64_t need, uint64_t have, const std::string& name) {
  constexpr uint64_t kLimit = std::numeric_limits<int32_t>::max();
  if (need <= (have ? have : kLimit)) return {};
  return fail("model.too_big",
              fmt::format("the {} needs {} bytes, and there are {}", what, need, have ? have : kLimit), name);
}

// What the plan tells people: per operator, and place by place.
void describe(const Graph& graph, const std::vector<PlannedOp>& ops, const Lifetimes& lifetimes,
              const std::vector<ArenaRequest>& requests, const ArenaPlacement& placement, Plan& plan) {
  const auto info = [&](int tensor) { return graph.tensors[static_cast<size_t>(tensor)].info; };
  for (int input : graph.inputs) plan.inputs.push_back(info(input));
  for (int output : graph.outputs) plan.outputs.push_back(info(output));
  const int end = static_cast<int>(graph.ops.size()) - 1;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    PlanOpInfo op{graph.ops[i].name,
                  fmt::format("{}/{}", engine::kernel_set_name(ops[i].kernel_set), graph.ops[i].name),
                  info(graph.ops[i].output), multiply_accumulates(graph, graph.ops[i]), 0};
    for (const auto& request : requests) {
      if (request.first_op <= static_cast<int>(i) && static_cast<int>(i) <= request.last_op)
        op.live_bytes += request.bytes;
    }
    plan.ops.push_back(std::move(op));
  }
  const auto entry = [&](std::string name, size_t place, uint64_t bytes) {
    const auto& request = requests[place];
    plan.arena.push_back(
        {std::move(name), placement.offsets[place], bytes, request.first_op, std::min(request.last_op, end)});
  };
  for (size_t t = 0; t < lifetimes.place.size(); ++t) {
    if (lifetimes.place[t] < 0) continue;
    entry(graph.tensors[t].info.name, static_cast<size_t>(lifetimes.place[t]), graph.tensors[t].info.bytes());
  }
  size_t scratch = lifetimes.requests.size();
  for (size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].packed.scratch_bytes)
      entry(fmt::format("{}:scratch", i), scratch++, ops[i].packed.scratch_bytes);
  }
}

}  // namespace

Result<Plan> make_plan(const Graph& graph, const PlanTarget& target, const std::string& sha256) {
  ASSAY_TRY(const KernelSetId set, choose_set(target));
  std::vector<PlannedOp> ops;
  std::vector<bool> in_place;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    ASSAY_TRY(PlannedOp planned, pack_op(graph, i, set));
    const Tensor& first = graph.tensors[static_cast<size_t>(graph.ops[i].inputs[0])];
    const auto type = static_cast<engine::Type>(first.info.type);
    in_place.push_back(engine::find_packer(planned.kernel_set, graph.ops[i].code, type)->in_place);
    ops.push_back(std::move(planned));
  }
  const Lifetimes lifetimes = find_lifetimes(graph, in_place);
  std::vector<ArenaRequest> requests = lifetimes.requests;
  for (size_t i = 0; i < ops.size(); ++i) {
    const int op = static_cast<int>(i);
    if (ops[i].packed.scratch_bytes) requests.push_back({ops[i].packed.scratch_bytes, op, op});
  }
  const ArenaPlacement placement = place_in_arena(requests);
  ASSAY_CHECK(check_size("arena", placement.bytes, target.arena_bytes, graph.name));

  std::vector<uint64_t> offsets(graph.tensors.size(), 0);
  for (size_t t = 0; t < offsets.size(); ++t) {
    if (lifetimes.place[t] >= 0) offsets[t] = placement.offsets[static_cast<size_t>(lifetimes.place[t])];
  }
  size_t scratch = lifetimes.requests.size();
  for (auto& op : ops) {
    if (op.packed.scratch_bytes) op.scratch_offset = placement.offsets[scratch++];
  }
  uint64_t parameters = 0;
  for (const auto& op : ops) parameters += op.packed.parameters.size();
  ASSAY_CHECK(check_size("plan", parameters, target.region_bytes, graph.name));

  Plan plan;
  plan.bytes = write_plan(graph, ops, offsets, placement.bytes, sha256);
  plan.arena_bytes = placement.bytes;
  ASSAY_CHECK(check_size("plan", plan.bytes.size(), target.region_bytes, graph.name));
  describe(graph, ops, lifetimes, requests, placement, plan);
  return plan;
}

}  // namespace assay::model
