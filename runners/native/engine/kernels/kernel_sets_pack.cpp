#include "pack.h"

namespace assay::engine {

#define ASSAY_KERNEL_SET(id, name) \
  namespace name {                 \
  extern const PackerSet kPackers; \
  }
#include "kernel_sets.inc"
#undef ASSAY_KERNEL_SET

namespace {

#define ASSAY_KERNEL_SET(id, name) &name::kPackers,
constexpr const PackerSet* kSets[] = {
#include "kernel_sets.inc"
};
#undef ASSAY_KERNEL_SET

}  // namespace

const char* kernel_set_name(KernelSetId set) { return kSets[static_cast<size_t>(set)]->name; }

const Packer* find_packer(KernelSetId set, OpCode code, Type type) {
  const PackerSet& packers = *kSets[static_cast<size_t>(set)];
  for (size_t i = 0; i < packers.count; ++i) {
    const Packer& packer = packers.packers[i];
    if (packer.code == code && (packer.type == type || packer.type == kAnyType)) return &packer;
  }
  return nullptr;
}

}  // namespace assay::engine
