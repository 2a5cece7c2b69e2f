#include "board.h"
#include "digits.h"

int main(int argc, char** argv) {
  if (!board_start(argc, argv)) return 2;
  for (;;) {
    if (camera_read(digits_input)) {
      digits_run();
      display_show(digits_answer());
    }
    board_wait();
  }
}
