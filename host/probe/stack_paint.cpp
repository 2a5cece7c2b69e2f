#include "probe/stack_paint.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::probe {
namespace {

constexpr uint8_t kPattern = 0xA5;
constexpr uint32_t kMostPainted = 64 * 1024;  // bytes
constexpr uint32_t kBesideHeap = 4 * 1024;    // bytes; a heap may grow up to there, and nothing says how far
constexpr uint32_t kLeastPainted = 64;        // bytes

// What linker scripts of vendors and of CMSIS call the lowest address of the stack, and the end of the heap.
constexpr const char* kStackLimits[] = {"__StackLimit", "__stack_limit",   "__STACK_LIMIT",
                                        "_sstack",      "__stack_start__", "_Stack_Limit"};
constexpr const char* kHeapLimits[] = {"__HeapLimit", "__heap_limit", "__heap_end", "_eheap", "__heap_end__"};
constexpr const char* kHeapUsers[] = {"_sbrk", "sbrk", "malloc", "_malloc_r", "pvPortMalloc"};

struct Bound {
  uint32_t low = 0;
  std::string words;
};

void raise(Bound& bound, uint64_t low, uint32_t sp, const std::string& words) {
  if (low <= bound.low || low > sp) return;
  bound = {static_cast<uint32_t>(low), words};
}

// The lowest address of the board's memory in which `sp` lies; nullopt: in none.
std::optional<uint32_t> memory_start(const config::Board& board, uint32_t sp) {
  for (const auto& memory : board.memory()) {
    const uint64_t start = static_cast<uint64_t>(memory.address());
    // The pointer of an empty stack lies one behind the memory.
    if (memory.kind() != "device" && sp > start && sp <= start + static_cast<uint64_t>(memory.size()))
      return static_cast<uint32_t>(start);
  }
  return std::nullopt;
}

}  // namespace

std::optional<StackRegion> stack_region(const ElfImage& image, const config::Board& board, uint32_t sp) {
  const auto start = memory_start(board, sp);
  if (!start) return std::nullopt;
  Bound bound{*start, "the start of the memory"};
  for (const char* name : kStackLimits) {
    if (const auto symbol = image.symbol(name)) raise(bound, symbol->address, sp, name);
  }
  const bool stack_known = bound.low != *start;
  for (const Section& section : image.sections()) {
    if (!section.allocated || section.size == 0) continue;
    // A section around the pointer is the stack's own.
    const bool around = section.address < sp && sp <= section.address + section.size;
    raise(bound, around ? section.address : section.address + section.size, sp,
          fmt::format("{} of {}", around ? "the start" : "the end", section.name));
  }
  bool heap_known = false;
  for (const char* name : kHeapLimits) {
    if (const auto symbol = image.symbol(name)) {
      raise(bound, symbol->address, sp, name);
      heap_known = true;
    }
  }
  const bool heap = std::any_of(std::begin(kHeapUsers), std::end(kHeapUsers),
                                [&](const char* name) { return image.symbol(name).has_value(); });
  const uint32_t high = sp & ~3u;
  if (heap && !heap_known && !stack_known && high > kBesideHeap)
    raise(bound, high - kBesideHeap, sp, "a heap of unknown size");
  if (high > kMostPainted) raise(bound, high - kMostPainted, sp, "64 KiB");
  StackRegion region{(bound.low + 3) & ~3u, high, bound.words};
  if (region.low >= region.high || region.high - region.low < kLeastPainted) return std::nullopt;
  return region;
}

Result<StackPaint> StackPaint::apply(LiveMemory& memory, const StackRegion& region) {
  StackPaint paint;
  paint.region_ = region;
  ASSAY_TRY(paint.before_, memory.fetch(region.low, region.high - region.low));
  ASSAY_CHECK(memory.store(region.low, std::vector<uint8_t>(paint.before_.size(), kPattern)));
  return paint;
}

Result<StackPaint::Use> StackPaint::measure(LiveMemory& memory) const {
  ASSAY_TRY(const auto now, memory.fetch(region_.low, region_.high - region_.low));
  const auto touched = std::find_if(now.begin(), now.end(), [](uint8_t byte) { return byte != kPattern; });
  Use use;
  use.bytes = static_cast<uint32_t>(now.end() - touched);
  use.full = touched == now.begin();
  return use;
}

Status StackPaint::restore(LiveMemory& memory) const {
  return before_.empty() ? Status{} : memory.store(region_.low, before_);
}

}  // namespace assay::probe
