#include "assay.h"
#include "board.h"
#include "digits.h"

void assay_start(void); /* assay_port.c */

int main(int argc, char** argv) {
  if (!board_start(argc, argv)) return 2;
  assay_start();
  for (;;) {
    assay_poll();
    if (!assay_session() && camera_read(digits_input)) { /* once a host has come, the buffers are its own */
      digits_run();
      display_show(digits_answer());
    }
    board_wait();
  }
}
