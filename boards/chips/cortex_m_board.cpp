#include "boards/chips/cortex_m_board.h"

#include <string.h>

#include "agent/ports/cortex_m/cortex_m.h"
#include "board_config.h"
#include "boards/board.h"

// Patched by boards/tools/build_id.py after linking.
extern "C" __attribute__((section(".assay_build_id"), used)) const volatile uint8_t assay_build_id[16] = {};

namespace assay::boards {
namespace {

char* append(char* to, const char* end, const char* text) {
  while (to < end && *text) *to++ = *text++;
  return to;
}

char* append_hex(char* to, const char* end, const char* name, uint32_t value) {
  to = append(to, end, name);
  char digits[9] = {};
  for (int i = 0; i < 8; ++i) digits[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
  return append(to, end, digits);
}

}  // namespace

namespace cortex_m {
uint8_t fault_or(uint8_t cause) { return assay_fault_caused_reset() ? 5 : cause; }
}  // namespace cortex_m

void reset() {
  assay_system_reset();
  __builtin_unreachable();
}

uint32_t boot_id() {
  // Knuth's multiplicative hash: consecutive boots differ in many bits.
  return assay_boot_count() * 2654435761u ^ tick();
}

void build_id(uint8_t* to) {
  for (int i = 0; i < 16; ++i) to[i] = assay_build_id[i];
}

Region plan_region() { return {reinterpret_cast<const uint8_t*>(kPlanAddress), kPlanBytes}; }

Memory memory() {
  const auto bytes = [](const uint32_t* begin, const uint32_t* end) {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(end) - reinterpret_cast<uintptr_t>(begin));
  };
  return {reinterpret_cast<uint8_t*>(assay_stack_low), reinterpret_cast<uint8_t*>(assay_stack_high),
          bytes(assay_data_begin, assay_data_end) + bytes(assay_bss_begin, assay_bss_end)};
}

bool last_fault(char* to, size_t room) {
  const assay_fault_record* fault = assay_fault_last();
  if (!fault || room == 0) return false;
  const char* end = to + room - 1;
  // At most 90 characters: what one log line of the agent holds.
  to = append_hex(to, end, "fault ", fault->exception);
  to = append_hex(to, end, " pc ", fault->pc);
  to = append_hex(to, end, " lr ", fault->lr);
  to = append_hex(to, end, " cfsr ", fault->cfsr);
  to = append_hex(to, end, " hfsr ", fault->hfsr);
  to = append_hex(to, end, " bfar ", fault->bfar);
  *to = 0;
  return true;
}

}  // namespace assay::boards
