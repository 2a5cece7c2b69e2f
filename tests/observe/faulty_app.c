/* A firmware whose own model fails in one inference, as $FAULTY_APP says: "error 37" returns -37 from it,
 * "hang 37" never returns, "reset 37" restarts the board in the middle. Unset: it works. The answer is the
 * sum of each row of pixels, so that a resumed run can be compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/assay.h"
#include "agent/ports/posix/posix.h"

static int8_t pixels[64], scores[10];
static char fault[16];
static int fault_at = -1, runs;

static int run(void* user) {
  (void)user;
  if (runs++ == fault_at) {
    if (strcmp(fault, "error") == 0) return -37;
    if (strcmp(fault, "reset") == 0) assay_posix_reset();
    for (;;) assay_posix_wait(1000);
  }
  for (int row = 0; row < 8; ++row) {
    int sum = 0;
    for (int i = 0; i < 8; ++i) sum += pixels[8 * row + i];
    scores[row] = (int8_t)(sum / 4);
  }
  return 0;
}

int main(int argc, char** argv) {
  static const assay_tensor inputs[] = {{"pixels", pixels, 64, ASSAY_INT8, 4, {1, 8, 8, 1}, 0.0625f, 0}};
  static const assay_tensor outputs[] = {{"scores", scores, 10, ASSAY_INT8, 2, {1, 10}, 0.5f, 0}};
  static const assay_model model = {.name = "row sums",
                                    .engine = "test",
                                    .inputs = inputs,
                                    .outputs = outputs,
                                    .input_count = 1,
                                    .output_count = 1,
                                    .run = run};
  const char* wanted = getenv("FAULTY_APP");
  if (wanted && sscanf(wanted, "%15s %d", fault, &fault_at) != 2) return 2;
  if (assay_posix_take_arguments(&argc, argv) < 0 || !assay_posix_open()) return 2;
  static assay_port port = {.board = "posix",
                            .tick_hz = 1000000000,
                            .clock = ASSAY_CLOCK_HOST_NS,
                            .tick = assay_posix_tick,
                            .rx = assay_posix_rx,
                            .tx = assay_posix_tx,
                            .reset = assay_posix_reset,
                            .rx_window = ASSAY_POSIX_RX_WINDOW};
  port.boot_id = assay_posix_boot_id();
  port.reset_cause = assay_posix_reset_cause();
  assay_posix_build_id(port.build_id);
  assay_init(&port, &model, 1);
  for (;;) {
    assay_poll();
    assay_posix_wait(100);
  }
}
