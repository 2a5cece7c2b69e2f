// A second image per board, without the agent's loop: it proves what only the target can prove and prints
//
//   clock ok: 200000 instructions     a loop of known length reads back exactly through the counter, three
//   times vectors ok                        the wire format's vector table holds on this core selfcheck ok
//   both
//
// then obeys single bytes: '%' prints how many bytes have come so far, '#' sends 64 KiB of '.' (the two rates
// of the serial line), '!' runs an undefined instruction (the fault record is printed by the next boot).
// Others only count.
#include <stdint.h>
#include <string.h>

#include "agent/selftest/vectors_selftest.h"
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

bool check_vectors() {
  const int failed = assay_vectors_selftest();
  const int count = assay_vectors_count();
  const bool ok = failed == 0 && count > 0;
  print(ok ? "vectors ok: " : "vectors FAILED: ");
  print_number(static_cast<uint32_t>(ok ? count : failed));
  print("\n");
  return ok;
}

uint32_t received_bytes = 0;

void send_block() {
  uint8_t dots[256];
  memset(dots, '.', sizeof dots);
  for (int i = 0; i < 256; ++i) tx(dots, sizeof dots);
  print("\n");
}

void count_bytes() {
  print_number(received_bytes);
  print("\n");
}

void fault() {
#if defined(__arm__)
  asm volatile("udf #0");
#endif
}

constexpr struct {
  char byte;
  void (*run)();
} kCommands[] = {{'%', count_bytes}, {'#', send_block}, {'!', fault}};

[[noreturn]] void obey() {
  uint8_t bytes[64];
  for (;;) {
    const size_t count = rx(bytes, sizeof bytes);
    if (count == 0) wait();
    for (size_t i = 0; i < count; ++i) {
      ++received_bytes;
      for (const auto& command : kCommands) {
        if (bytes[i] == command.byte) command.run();
      }
    }
  }
}

}  // namespace
}  // namespace assay::boards

int main(int argc, char** argv) {
  using namespace assay::boards;
  if (!start(argc, argv)) return 1;
  char text[96];
  if (last_fault(text, sizeof text)) {
    print("before this boot: ");
    print(text);
    print("\n");
  }
  print("reset cause ");
  print_number(reset_cause());
  print("\n");
  const bool clock = check_clock();
  const bool vectors = check_vectors();
  print(clock && vectors ? "selfcheck ok\n" : "selfcheck FAILED\n");
  obey();
}
