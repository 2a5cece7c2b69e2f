#include "kernel.h"

namespace assay::engine {

#define ASSAY_KERNEL_SET(id, name) \
  namespace name {                 \
  extern const KernelSet kKernels; \
  }
#include "kernel_sets.inc"
#undef ASSAY_KERNEL_SET

namespace {

#define ASSAY_KERNEL_SET(id, name) &name::kKernels,
constexpr const KernelSet* kSets[] = {
#include "kernel_sets.inc"
};
#undef ASSAY_KERNEL_SET

}  // namespace

const KernelSet& kernel_set(KernelSetId id) { return *kSets[static_cast<size_t>(id)]; }

const Kernel* find_kernel(uint8_t set, uint8_t code, uint8_t type) {
  if (set >= static_cast<uint8_t>(KernelSetId::kCount)) return nullptr;
  const KernelSet& kernels = *kSets[set];
  for (size_t i = 0; i < kernels.count; ++i) {
    const Kernel& kernel = kernels.kernels[i];
    const bool takes = kernel.type == kAnyType || static_cast<uint8_t>(kernel.type) == type;
    if (takes && static_cast<uint8_t>(kernel.code) == code) return &kernel;
  }
  return nullptr;
}

}  // namespace assay::engine
