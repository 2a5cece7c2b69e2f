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

const Kernel* find_kernel(uint8_t set, uint8_t code) {
  if (set >= static_cast<uint8_t>(KernelSetId::kCount)) return nullptr;
  const KernelSet& kernels = *kSets[set];
  for (size_t i = 0; i < kernels.count; ++i) {
    if (static_cast<uint8_t>(kernels.kernels[i].code) == code) return &kernels.kernels[i];
  }
  return nullptr;
}

}  // namespace assay::engine
