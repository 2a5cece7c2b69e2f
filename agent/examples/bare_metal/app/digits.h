/* A classifier of handwritten digits in plain C: 64 pixels, two dense layers in int8, ten scores. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#define DIGITS_PIXELS 64
#define DIGITS_CLASSES 10

extern int8_t digits_input[DIGITS_PIXELS];   /* 8x8, row by row, 0..16 */
extern int8_t digits_output[DIGITS_CLASSES]; /* scores, each times DIGITS_SCALE: the largest wins */
#define DIGITS_SCALE 0.177170577f

void digits_run(void);
int digits_answer(void); /* of the last run: 0..9 */

#endif
