#include "reference/native.h"

#include <fmt/format.h>

#include "base/interrupt.h"
#include "model/host_plan.h"

namespace assay::reference {
namespace {

TensorInfo info_of(const engine::TensorView& view, const char* name) {
  TensorInfo info;
  info.name = name;
  info.type = static_cast<ElementType>(view.type);  // both enumerations have the numbers of the protocol
  info.dims.assign(view.dims, view.dims + view.rank);
  info.scale = view.scale;
  info.zero_point = view.zero_point;
  return info;
}

}  // namespace

Result<ReferenceOutputs> run_native(std::span<const uint8_t> plan, const TensorRows& inputs,
                                    const std::function<void(int64_t, int64_t)>& progress,
                                    Deadline deadline) {
  ASSAY_TRY(model::HostPlan host, model::HostPlan::open(plan));
  const TensorInfo wanted = info_of(host.engine().input(0), "input");
  if (wanted.type != inputs.info.type || wanted.bytes() != inputs.info.bytes() ||
      host.input_bytes() != wanted.bytes()) {
    return fail("reference.shape",
                fmt::format("samples are {} {}, the plan's input is {} {} of {} bytes in all",
                            inputs.info.shape(), element_name(inputs.info.type), wanted.shape(),
                            element_name(wanted.type), host.input_bytes()),
                host.engine().model_name());
  }
  const auto total = static_cast<int64_t>(inputs.rows());
  if (total == 0) return fail("reference.shape", "r2: no samples", host.engine().model_name());
  ReferenceOutputs result;
  result.outputs.info = info_of(host.engine().output(0), "output");
  result.info = {.id = "r2",
                 .level = "R2",
                 .runtime = "native engine, host build",
                 .resolver = "portable twins",
                 .model_file = host.engine().model_name(),
                 .model_sha256 = host.engine().model_hash(),
                 .count = total};
  const auto start = std::chrono::steady_clock::now();
  const auto bytes = static_cast<std::ptrdiff_t>(result.outputs.info.bytes());
  for (int64_t i = 0; i < total; ++i) {
    if (interrupted()) return fail(interruption());
    if (deadline.passed()) {
      return fail("reference.worker_timeout",
                  fmt::format("r2 passed the deadline after {} of {} samples", i, total),
                  host.engine().model_name());
    }
    ASSAY_TRY(const auto outputs, host.run(inputs.row(static_cast<size_t>(i))));
    result.outputs.data.insert(result.outputs.data.end(), outputs.begin(), outputs.begin() + bytes);
    if (progress && (i % 64 == 63 || i + 1 == total)) progress(i + 1, total);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace assay::reference
