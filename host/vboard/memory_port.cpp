#include "vboard/memory_port.h"

#include <algorithm>
#include <vector>

namespace assay::vboard {
namespace {

constexpr uint32_t kCtrlStat = 4;
constexpr uint32_t kPowerRequests = 0x50000000;  // acknowledge bits are the ones above
constexpr uint32_t kCsw = 0x00, kTar = 0x04, kBase = 0xF8, kIdr = 0xFC;
constexpr uint32_t kCswValue = 0x22000040;  // bit 5 clear: with it OpenOCD would pack narrow accesses
constexpr uint32_t kRomTable = 0xE00FF003;
constexpr uint32_t kAhbAp = 0x24770011;

// A host that waits for a halt reads DHCSR as fast as it can and takes the processor time that the emulator
// needs.
constexpr uint32_t kDhcsr = 0xE000EDF0;
constexpr int kPatience = 4;
constexpr auto kEase = std::chrono::milliseconds(1);

uint32_t load(const uint8_t* bytes, int width) {
  uint32_t value = 0;
  for (int i = 0; i < width; ++i) value |= uint32_t{bytes[i]} << (8 * i);
  return value;
}
void store(uint8_t* bytes, int width, uint32_t value) {
  for (int i = 0; i < width; ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
}

// Bytes of an access that lie in `region`.
size_t part_size(const Region& region, uint32_t address, size_t left, int width, bool fixed) {
  return fixed ? static_cast<size_t>(width)
               : static_cast<size_t>(std::min<uint64_t>(left, region.end() - address));
}

}  // namespace

Result<MemoryPort::Answer> MemoryPort::read(uint32_t address, int width, std::span<uint8_t> into,
                                            bool fixed) {
  ASSAY_CHECK(ease_polling(address, into.size()));
  while (!into.empty()) {
    const Region* region = map_.find(address);
    const size_t size = region ? part_size(*region, address, into.size(), width, fixed) : 0;
    if (size == 0 || size > into.size()) {
      fault_address_ = tar_ = address;
      std::fill(into.begin(), into.end(), uint8_t{0});
      return Answer::kFault;
    }
    ASSAY_CHECK(read_part(*region, address, width, into.first(size)));
    into = into.subspan(size);
    if (!fixed) address += static_cast<uint32_t>(size);
  }
  return Answer::kOk;
}

Result<MemoryPort::Answer> MemoryPort::write(uint32_t address, int width, std::span<const uint8_t> bytes,
                                             bool fixed) {
  status_polls_ = 0;
  while (!bytes.empty()) {
    const Region* region = map_.find(address);
    const size_t size = region ? part_size(*region, address, bytes.size(), width, fixed) : 0;
    if (size == 0 || size > bytes.size()) {
      fault_address_ = tar_ = address;
      return Answer::kFault;
    }
    ASSAY_CHECK(write_part(*region, address, width, bytes.first(size)));
    bytes = bytes.subspan(size);
    if (!fixed) address += static_cast<uint32_t>(size);
  }
  return Answer::kOk;
}

Status MemoryPort::ease_polling(uint32_t address, size_t size) {
  status_polls_ = address == kDhcsr && size == 4 ? status_polls_ + 1 : 0;
  return status_polls_ > kPatience ? core_.run().poll(kEase) : Status{};
}

Status MemoryPort::read_part(const Region& region, uint32_t address, int width, std::span<uint8_t> into) {
  if (region.kind == Region::Kind::kMemory) return bus_.read_memory(address, into);
  for (size_t at = 0; at < into.size(); at += static_cast<size_t>(width)) {
    const int step = static_cast<int>(std::min<size_t>(static_cast<size_t>(width), into.size() - at));
    ASSAY_CHECK(read_private(address + static_cast<uint32_t>(at), step, into.subspan(at)));
  }
  return {};
}

Status MemoryPort::write_part(const Region& region, uint32_t address, int width,
                              std::span<const uint8_t> bytes) {
  if (region.kind == Region::Kind::kMemory) {
    ASSAY_CHECK(bus_.write_memory(address, bytes));
    core_.note_memory_write(address, bytes);
    ASSAY_CHECK(core_.run().points_changed());
    return region.persistent && keep_ ? keep_(region, address - region.address, bytes) : Status{};
  }
  for (size_t at = 0; at < bytes.size(); at += static_cast<size_t>(width)) {
    const int step = static_cast<int>(std::min<size_t>(static_cast<size_t>(width), bytes.size() - at));
    ASSAY_CHECK(write_private(address + static_cast<uint32_t>(at), step, bytes.subspan(at)));
  }
  return {};
}

// One access to a device or to the private bus.
Status MemoryPort::read_private(uint32_t address, int width, std::span<uint8_t> into) {
  if (CoreDebug::owns(address & ~3u)) {
    ASSAY_TRY(const uint32_t word, core_.read(address & ~3u));
    store(into.data(), width, word >> (8 * (address & 3)));
    return {};
  }
  ASSAY_TRY(const uint32_t value, bus_.read_device(address, width));
  store(into.data(), width, value);
  return {};
}

Status MemoryPort::write_private(uint32_t address, int width, std::span<const uint8_t> bytes) {
  const uint32_t value = load(bytes.data(), width);
  if (!CoreDebug::owns(address & ~3u)) return bus_.write_device(address, width, value);
  // Debug registers take words only (Armv7-M C1.6); narrower writes are UNPREDICTABLE and ignored here.
  return width == 4 ? core_.write(address, value) : Status{};
}

uint32_t MemoryPort::read_debug_port(uint32_t reg) const {
  if (reg == 0) return kDpidr;
  return reg == kCtrlStat ? control_status_ | (control_status_ & kPowerRequests) << 1 : 0;
}

void MemoryPort::write_debug_port(uint32_t reg, uint32_t value) {
  if (reg == kCtrlStat) control_status_ = value & kPowerRequests;
}

uint32_t MemoryPort::read_access_port(uint32_t port, uint32_t reg) const {
  if (port != 0) return 0;
  switch (reg) {
    case kCsw:
      return kCswValue;
    case kTar:
      return tar_;
    case kBase:
      return kRomTable;
    case kIdr:
      return kAhbAp;
    default:
      return 0;
  }
}

void MemoryPort::write_access_port(uint32_t port, uint32_t reg, uint32_t value) {
  if (port == 0 && reg == kTar) tar_ = value;
}

}  // namespace assay::vboard
