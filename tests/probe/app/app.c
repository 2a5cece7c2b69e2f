/* An application that knows nothing of a test harness: it infers on inputs of its own and watches itself, so
 * that a test can see from outside whether it was disturbed. Runs on mps2-an386 and -an385 with this start-up
 * code alone. */
#include "net.h"

#define COUNTER (*(volatile uint32_t*)0x40028018u)
#define SYSTICK_CONTROL (*(volatile uint32_t*)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t*)0xE000E014u)
#define AIRCR (*(volatile uint32_t*)0xE000ED0Cu)

int8_t features[kNetInputs];
int8_t scores[kNetOutputs];
int8_t others[kNetInputs]; /* a second input, for the form with pointers */
const int8_t fixed[kNetInputs] = {1, 2, 3};
volatile uint32_t beats, errors, interrupts, own_ticks, deep;
volatile uint32_t started_twice;
__attribute__((section(".noinit"))) volatile uint32_t boots;

struct net {
  int32_t runs;
};
static struct net state;

/* Inputs that stand for bugs: an endless loop, a stray pointer, a reset. */
static void misbehave(int8_t how) {
  if (how == 99) {
    for (;;) beats = beats;
  }
  if (how == 98) beats = *(volatile uint32_t*)0x90000000u;
  if (how == 97) {
    AIRCR = 0x05FA0004u;
    for (;;) {
    }
  }
}

__attribute__((noinline)) void model_invoke(void) {
  misbehave(features[0]);
  net_run(features, scores);
  state.runs++;
}

__attribute__((noinline)) int model_infer(const int8_t* in, int8_t* out) {
  net_run(in, out);
  return out[0] > out[1] ? 7 : -7;
}

/* The handle and the length are the application's own. */
__attribute__((noinline)) int model_handle(struct net* net, const int8_t* in, int8_t* out, int count) {
  net->runs++;
  net_run(in, out);
  return count + (net == &state);
}

__attribute__((noinline)) void model_deep(void) {
  volatile uint8_t scratch[2000];
  scratch[0] = (uint8_t)features[0];
  scratch[1999] = 1;
  deep += scratch[0];
  net_run(features, scores);
}

__attribute__((noinline)) void model_never(void) { net_run(features, scores); }

static void fill(int8_t* to, uint32_t seed) {
  for (int i = 0; i < kNetInputs; ++i) to[i] = (int8_t)((seed = seed * 1664525u + 1013904223u) >> 25);
}

/* One turn of the application: infers, and counts an error when anything is not as it left it. */
static void turn(void) {
  int8_t expected[kNetOutputs];
  const uint32_t seed = beats;
  fill(features, seed);
  net_run(features, expected);
  for (int i = 0; i < kNetOutputs; ++i) scores[i] = 0x55;
  const uint32_t start = COUNTER;
  model_invoke();
  own_ticks = COUNTER - start;
  for (int i = 0; i < kNetOutputs; ++i) errors += scores[i] != expected[i];
  errors += model_handle(&state, features, scores, 5) != 6;
  (void)model_infer(features, scores);
  errors += beats != seed;
  beats = seed + 1;
}

int main(void) {
  SYSTICK_RELOAD = 50000;
  SYSTICK_CONTROL = 7;
  model_deep();
  for (;;) {
    turn();
    if (beats == 0xFFFFFFFFu) model_never();
  }
}

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_top;

void reset_handler(void) {
  const uint32_t* from = &data_load;
  for (uint32_t* to = &data_start; to < &data_end;) *to++ = *from++;
  for (uint32_t* to = &bss_start; to < &bss_end;) *to++ = 0;
  boots++;
  main();
}

static void hard_fault(void) {
  for (;;) {
  }
}
static void systick(void) { interrupts++; }
static void other(void) {
  for (;;) {
  }
}

__attribute__((section(".vectors"), used))
const void* const vectors[16] = {&stack_top, reset_handler, other, hard_fault, other, other, other, other,
                                 other,      other,         other, other,      other, other, other, systick};
