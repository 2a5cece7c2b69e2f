// How much stack a call takes: the memory below the stack pointer is filled with a pattern, and what is no
// longer the pattern afterwards was used. What lay there is put back at the end.
#pragma once

#include <optional>
#include <string>

#include "config/board.pb.h"
#include "probe/elf_image.h"
#include "probe/live_memory.h"

namespace assay::probe {

struct StackRegion {
  uint32_t low = 0,
           high = 0;  // [low, high): from where it may be painted to the stack pointer; both 4-aligned
  std::string bound;  // what decided `low`, in words
};

// The memory below `sp` that nothing else uses, by the program's sections and its symbols for stack and heap
// limits. nullopt: `sp` is in no memory of the board, or nothing below it is free.
std::optional<StackRegion> stack_region(const ElfImage& image, const config::Board& board, uint32_t sp);

class StackPaint {
 public:
  StackPaint() = default;
  // Codes: those of LiveMemory.
  static Result<StackPaint> apply(LiveMemory& memory, const StackRegion& region);
  // Bytes below `high` that were written since; `full`: all of them, so that more may have been.
  struct Use {
    uint32_t bytes = 0;
    bool full = false;
  };
  Result<Use> measure(LiveMemory& memory) const;
  // Puts back what lay there.
  Status restore(LiveMemory& memory) const;
  const StackRegion& region() const { return region_; }

 private:
  StackRegion region_;
  std::vector<uint8_t> before_;
};

}  // namespace assay::probe
