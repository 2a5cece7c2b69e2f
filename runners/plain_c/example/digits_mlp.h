/* digits_mlp.h: a classifier of 8x8 digits as a product may contain it: hand-written C, no library, no
 * allocation.
 *
 * Input: 64 pixels, row by row, 0..16 (real: 0..1, 1/16 a step). Output: ten logits, int8,
 * DIGITS_MLP_OUT_SCALE a step. Three dense layers (64-32-16-10) with int8 weights, int32 sums and one
 * multiplier a layer. */
#ifndef DIGITS_MLP_H
#define DIGITS_MLP_H

#include <stdint.h>

#include "digits_mlp_weights.h"

enum { DIGITS_MLP_INPUTS = 64, DIGITS_MLP_OUTPUTS = 10, DIGITS_MLP_LAYERS = 3 };

#ifdef __cplusplus
extern "C" {
#endif

/* Always 0. Not reentrant. */
int digits_mlp_infer(const int8_t* pixels, int8_t* logits);

#ifdef __cplusplus
}
#endif
#endif
