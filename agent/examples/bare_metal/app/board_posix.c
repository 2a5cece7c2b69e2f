/* The application as a process of this computer: `./digits` shows its pictures, `assay run` speaks to it. */
#include "board.h"

#include <stdio.h>

#include "posix.h"

int board_start(int argc, char** argv) {
  return assay_posix_take_arguments(&argc, argv) >= 0 && assay_posix_open();
}

void board_wait(void) { assay_posix_wait(100); }

void board_reset(void) { assay_posix_reset(); }

int board_frame_due(void) {
  static uint32_t last;
  const uint32_t now = assay_posix_tick();
  if (now - last < BOARD_TICKS_PER_SECOND / 10) return 0;
  last = now;
  return 1;
}

uint32_t board_ticks(void) { return assay_posix_tick(); }

void board_build_id(uint8_t to[16]) { assay_posix_build_id(to); }

size_t uart_read(uint8_t* to, size_t room) { return assay_posix_rx(to, room); }

void uart_write(const uint8_t* bytes, size_t count) { assay_posix_tx(bytes, count); }

void display_show(int digit) { fprintf(stderr, "%d\n", digit); }
