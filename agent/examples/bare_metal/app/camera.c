/* Stands in for a camera: ten pictures, one after the other. */
#include "board.h"
#include "digits.h"
#include "pictures.h"

int camera_read(int8_t* pixels) {
  static unsigned shown;
  if (!board_frame_due()) return 0;
  for (int i = 0; i < DIGITS_PIXELS; ++i) pixels[i] = pictures[shown % 10][i];
  ++shown;
  return 1;
}
