/* What this application needs of a board; board_mps2.c and board_posix.c define it. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

int board_start(int argc, char** argv); /* 0: cannot start */
void board_wait(void);                  /* until there may be something to do */
void board_reset(void);
int board_frame_due(void);           /* ten times a second */
uint32_t board_ticks(void);          /* a counter that runs freely */
void board_build_id(uint8_t to[16]); /* what the linker made of this firmware */

size_t uart_read(uint8_t* to, size_t room); /* what has arrived; does not wait */
void uart_write(const uint8_t* bytes, size_t count);

void display_show(int digit);
int camera_read(int8_t* pixels); /* 1: 64 new pixels, 0: no new picture yet */

#if defined(__arm__)
#define BOARD_TICKS_PER_SECOND 25000000u
extern uint8_t stack_bottom[], stack_top[]; /* mps2.ld */
#else
#define BOARD_TICKS_PER_SECOND 1000000000u
#endif

#endif
