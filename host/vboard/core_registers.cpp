#include "vboard/core_registers.h"

namespace assay::vboard {
namespace {

// Selectors of DCRSR.
constexpr uint32_t kLastCore = 15, kXpsr = 16, kMsp = 17, kPsp = 18, kCombined = 20, kFpscr = 33,
                   kFirstSingle = 64, kLastSingle = 95;

constexpr SpecialRegister kOrder[] = {SpecialRegister::kMsp,       SpecialRegister::kPsp,
                                      SpecialRegister::kPrimask,   SpecialRegister::kBasepri,
                                      SpecialRegister::kFaultmask, SpecialRegister::kControl};
enum Index : size_t { kIndexMsp, kIndexPsp, kIndexPrimask, kIndexBasepri, kIndexFaultmask, kIndexControl };
// Bytes of selector 20, lowest first.
constexpr Index kCombinedOrder[] = {kIndexPrimask, kIndexBasepri, kIndexFaultmask, kIndexControl};

}  // namespace

void CoreRegisters::forget_if_changed() {
  if (epoch_ == run_.epoch()) return;
  epoch_ = run_.epoch();
  values_.clear();
  specials_.reset();
}

Result<uint64_t> CoreRegisters::gdb_read(int number) {
  if (auto found = values_.find(number); found != values_.end()) return found->second;
  ASSAY_TRY(const uint64_t value, target_.read_register(number));
  return values_[number] = value;
}

Status CoreRegisters::gdb_write(int number, uint64_t value) {
  values_.erase(number);
  return target_.write_register(number, value);
}

Result<std::array<uint32_t, CoreRegisters::kSpecials>> CoreRegisters::specials() {
  if (specials_) return *specials_;
  std::array<uint32_t, kSpecials> values{};
  ASSAY_TRY(const bool possible, run_.injection().possible());
  if (possible) {
    ASSAY_CHECK(run_.injection().read(kOrder, values));
  } else {  // locked up with pc outside memory: the stack pointer in use is all that is known
    ASSAY_TRY(const uint64_t sp, gdb_read(13));
    values[kIndexMsp] = static_cast<uint32_t>(sp);
  }
  specials_ = values;
  return values;
}

Status CoreRegisters::write_special(size_t index, uint32_t value) {
  ASSAY_TRY(auto values, specials());
  if (values[index] == value) return {};
  ASSAY_TRY(const bool possible, run_.injection().possible());
  if (!possible) return {};
  ASSAY_CHECK(run_.injection().write(kOrder[index], value));
  values_.erase(13);  // the stack pointer in use is one of these, chosen by CONTROL
  specials_.reset();  // the core keeps fewer bits than were written
  return {};
}

Result<uint32_t> CoreRegisters::read(uint32_t selector) {
  forget_if_changed();
  if (selector <= kLastCore || selector == kXpsr || selector == kFpscr) {
    const int number = selector == kXpsr    ? kRegisterXpsr
                       : selector == kFpscr ? kRegisterFpscr
                                            : static_cast<int>(selector);
    ASSAY_TRY(const uint64_t value, gdb_read(number));
    return static_cast<uint32_t>(value);
  }
  if (selector >= kFirstSingle && selector <= kLastSingle) {
    const uint32_t single = selector - kFirstSingle;
    ASSAY_TRY(const uint64_t value, gdb_read(kRegisterD0 + static_cast<int>(single / 2)));
    return static_cast<uint32_t>(value >> (single % 2 * 32));
  }
  if (selector != kMsp && selector != kPsp && selector != kCombined) return 0;
  ASSAY_TRY(const auto values, specials());
  if (selector != kCombined) return values[selector == kMsp ? kIndexMsp : kIndexPsp];
  uint32_t combined = 0;
  for (int byte = 0; byte < 4; ++byte) combined |= (values[kCombinedOrder[byte]] & 0xFF) << (8 * byte);
  return combined;
}

Status CoreRegisters::write(uint32_t selector, uint32_t value) {
  forget_if_changed();
  if (selector == 13) specials_.reset();
  if (selector <= kLastCore)
    return gdb_write(static_cast<int>(selector), selector == 15 ? value & ~1u : value);
  if (selector == kXpsr) return gdb_write(kRegisterXpsr, value);
  if (selector == kFpscr) return gdb_write(kRegisterFpscr, value);
  if (selector >= kFirstSingle && selector <= kLastSingle) {
    const uint32_t single = selector - kFirstSingle;
    const int number = kRegisterD0 + static_cast<int>(single / 2);
    ASSAY_TRY(const uint64_t old, gdb_read(number));
    const int shift = static_cast<int>(single % 2) * 32;
    return gdb_write(number, (old & ~(uint64_t{0xFFFFFFFF} << shift)) | uint64_t{value} << shift);
  }
  if (selector == kMsp) return write_special(kIndexMsp, value);
  if (selector == kPsp) return write_special(kIndexPsp, value);
  if (selector != kCombined) return {};
  for (int byte = 0; byte < 4; ++byte)
    ASSAY_CHECK(write_special(kCombinedOrder[byte], value >> (8 * byte) & 0xFF));
  return {};
}

}  // namespace assay::vboard
