#include "vboard/points.h"

namespace assay::vboard {
namespace {

constexpr uint32_t kFpbControl =
    0x10000260;  // FPB version 2 (comparators hold addresses), 6 code + 2 literal
constexpr uint32_t kFpbEnable = 1, kFpbKey = 2;
constexpr uint32_t kComparatorEnable = 1;
constexpr uint32_t kMatched = 1u << 24;
constexpr uint32_t kLongestMask = 15;
constexpr size_t kSmallWrite =
    128;  // bytes; OpenOCD's soft breakpoints and target-side algorithms are shorter
constexpr uint8_t kBkptHigh = 0xBE;

// DWT FUNCTION of Armv7-M: 5 read, 6 write, 7 both.
bool watch_kind(uint32_t function, PointKind& kind) {
  switch (function & 0xF) {
    case 5:
      kind = PointKind::kRead;
      return true;
    case 6:
      kind = PointKind::kWrite;
      return true;
    case 7:
      kind = PointKind::kAccess;
      return true;
    default:
      return false;
  }
}

uint32_t watch_bytes(uint32_t mask) { return 1u << (mask & kLongestMask); }
uint32_t watch_start(uint32_t comp, uint32_t mask) { return comp & ~(watch_bytes(mask) - 1); }

}  // namespace

uint32_t Points::read_breakpoint_unit(uint32_t offset) const {
  if (offset == 0) return kFpbControl | control_;
  const uint32_t index = (offset - 8) / 4;
  return offset >= 8 && index < kComparators ? comparators_[index] : 0;
}

void Points::write_breakpoint_unit(uint32_t offset, uint32_t value) {
  if (offset == 0) {
    if (value & kFpbKey) control_ = value & kFpbEnable;
    return;
  }
  const uint32_t index = (offset - 8) / 4;
  if (offset >= 8 && index < kComparators) comparators_[index] = value;
}

uint32_t Points::read_watchpoint_unit(uint32_t offset) {
  if (offset / 16 >= kWatchpoints) return 0;
  Watch& watch = watches_[offset / 16];
  switch (offset % 16) {
    case 0:
      return watch.comp;
    case 4:
      return watch.mask;
    case 8:
      return watch.function | (std::exchange(watch.matched, false) ? kMatched : 0);
    default:
      return 0;
  }
}

void Points::write_watchpoint_unit(uint32_t offset, uint32_t value) {
  if (offset / 16 >= kWatchpoints) return;
  Watch& watch = watches_[offset / 16];
  switch (offset % 16) {
    case 0:
      watch.comp = value;
      break;
    case 4:
      watch.mask = value & kLongestMask;
      break;
    case 8:
      watch.function = value & 0xFFF;
      break;
    default:
      break;
  }
}

void Points::note_write(uint32_t address, std::span<const uint8_t> bytes) {
  const uint32_t first = address & ~1u;
  const uint64_t end = uint64_t{address} + bytes.size();
  opcodes_.erase(opcodes_.lower_bound(first),
                 end > UINT32_MAX ? opcodes_.end() : opcodes_.lower_bound(static_cast<uint32_t>(end)));
  if (bytes.size() > kSmallWrite) return;
  for (size_t i = address & 1u; i + 1 < bytes.size(); i += 2) {
    if (bytes[i + 1] == kBkptHigh) opcodes_.insert(address + static_cast<uint32_t>(i));
  }
}

void Points::mark_match(uint32_t address) {
  PointKind kind;
  for (Watch& watch : watches_) {
    if (!watch_kind(watch.function, kind)) continue;
    // The address that QEMU names is that of the watchpoint, not always of the access.
    if (address - watch_start(watch.comp, watch.mask) < watch_bytes(watch.mask)) watch.matched = true;
  }
}

std::set<Point> Points::wanted() const {
  std::set<Point> points;
  if (control_ & kFpbEnable) {
    for (int i = 0; i < kBreakpoints; ++i) {
      if (comparators_[i] & kComparatorEnable) points.insert({PointKind::kExecute, comparators_[i] & ~1u, 2});
    }
  }
  for (const uint32_t address : opcodes_) points.insert({PointKind::kExecute, address, 2});
  for (const Watch& watch : watches_) {
    PointKind kind;
    if (watch_kind(watch.function, kind)) {
      points.insert({kind, watch_start(watch.comp, watch.mask), watch_bytes(watch.mask)});
    }
  }
  return points;
}

}  // namespace assay::vboard
