// A second image per board, without the agent's loop: prints what only the target can prove, then echoes.
//
//   clock ok: 200001 instructions, 3 of 3      a loop of known length reads back exactly through the counter
//   vectors ok: <n>                            the wire format's vector table holds on this core
//   selfcheck ok                               both
// Then every byte received is sent back, and a line "% n\n" counts them (n = bytes so far) whenever a '%'
// arrives: the rate of the serial line is measured with it.
#include <stdint.h>
#include <string.h>

#include "board_config.h"
#include "boards/board.h"

namespace assay::boards {
namespace {

void print(const char* text) { tx(reinterpret_cast<const uint8_t*>(text), strlen(text)); }

void print_number(uint32_t value) {
  char digits[11];
  int at = sizeof digits;
  digits[--at] = 0;
  do digits[--at] = static_cast<char>('0' + value % 10);
  while (value /= 10);
  print(digits + at);
}

constexpr uint32_t kIterations = 100000;
constexpr uint32_t kInstructionsPerIteration = 2;  // subs, bne

__attribute__((noinline)) void loop(uint32_t iterations) {
#if defined(__arm__)
  asm volatile(
      "1: subs %0, #1\n"
      "bne 1b\n"
      : "+l"(iterations)
      :
      : "cc");
#else
  (void)iterations;
#endif
}

uint32_t span_instructions(uint32_t iterations) {
  const uint32_t begin = tick();
  loop(iterations);
  const uint64_t ticks = tick() - begin;
  return static_cast<uint32_t>((ticks * kTickNumerator + kTickDenominator / 2) / kTickDenominator);
}

// The calls and readings around the loop cost the same for any length, so two lengths differ by the loop
// alone.
bool check_clock() {
  if (kClockKind != ASSAY_CLOCK_INSTRUCTIONS) {
    print("clock not checked: this board does not count instructions\n");
    return true;
  }
  constexpr uint32_t kExpected = kInstructionsPerIteration * kIterations;
  bool ok = true;
  for (int round = 0; round < 3; ++round) {
    const uint32_t instructions = span_instructions(kIterations + 1) - span_instructions(1);
    ok = ok && instructions == kExpected;
    print("clock reads ");
    print_number(instructions);
    print("\n");
  }
  print(ok ? "clock ok: " : "clock FAILED, expected ");
  print_number(kExpected);
  print(" instructions\n");
  return ok;
}

[[noreturn]] void echo() {
  uint32_t total = 0;
  uint8_t bytes[64];
  for (;;) {
    const size_t count = rx(bytes, sizeof bytes);
    if (count == 0) {
      wait();
      continue;
    }
    total += static_cast<uint32_t>(count);
    if (bytes[count - 1] != '%') continue;
    print_number(total);
    print("\n");
  }
}

}  // namespace
}  // namespace assay::boards

int main(int argc, char** argv) {
  using namespace assay::boards;
  if (!start(argc, argv)) return 1;
  print(check_clock() ? "selfcheck ok\n" : "selfcheck FAILED\n");
  echo();
}
