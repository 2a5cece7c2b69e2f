#include "boards/firmware/arena.h"

namespace assay::boards {

uint8_t* arena() {
#if defined(__arm__)
  __attribute__((section(".arena")))
#endif
  alignas(16) static uint8_t bytes[kArenaSize];
  return bytes;
}

}  // namespace assay::boards
