#include "digits.h"

#include "digits_weights.h"

int8_t digits_input[DIGITS_PIXELS];
int8_t digits_output[DIGITS_CLASSES];

/* Rounds to nearest while shifting, and keeps the result within int8. */
static int8_t narrowed(int32_t sum, int shift, int32_t least) {
  const int32_t value = (sum + (1 << shift >> 1)) >> shift;
  return (int8_t)(value < least ? least : value > 127 ? 127 : value);
}

static int32_t dot(const int8_t* a, const int8_t* b, int count) {
  int32_t sum = 0;
  for (int i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

void digits_run(void) {
  int8_t hidden[DIGITS_HIDDEN];
  for (int i = 0; i < DIGITS_HIDDEN; ++i)
    hidden[i] =
        narrowed(hidden_biases[i] + dot(hidden_weights[i], digits_input, DIGITS_PIXELS), HIDDEN_SHIFT, 0);
  for (int i = 0; i < DIGITS_CLASSES; ++i)
    digits_output[i] =
        narrowed(output_biases[i] + dot(output_weights[i], hidden, DIGITS_HIDDEN), OUTPUT_SHIFT, -128);
}

int digits_answer(void) {
  int best = 0;
  for (int i = 1; i < DIGITS_CLASSES; ++i)
    if (digits_output[i] > digits_output[best]) best = i;
  return best;
}
