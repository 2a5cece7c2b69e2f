/* A firmware with a streaming model: it takes 4 numbers a hop and answers after three hops, with the sum of
 * all 12 and the last hop's own. Without a reset before each sample the sums run on into the next. */
#include "agent/assay.h"
#include "agent/ports/posix/posix.h"

enum { HOPS = 3 };
static int8_t hop[4];
static int32_t answer[2];
static int taken;

static int run(void* user) {
  (void)user;
  int32_t sum = 0;
  for (int i = 0; i < 4; ++i) sum += hop[i];
  answer[0] += sum;
  answer[1] = sum;
  return ++taken < HOPS ? 1 : 0;
}

static void reset(void* user) {
  (void)user;
  taken = 0;
  answer[0] = 0;
}

int main(int argc, char** argv) {
  static const assay_tensor inputs[] = {{"hop", hop, 4, ASSAY_INT8, 2, {1, 4}, 0, 0}};
  static const assay_tensor outputs[] = {{"sums", answer, 8, ASSAY_INT32, 2, {1, 2}, 0, 0}};
  static const assay_model model = {.name = "running sum",
                                    .engine = "test",
                                    .inputs = inputs,
                                    .outputs = outputs,
                                    .input_count = 1,
                                    .output_count = 1,
                                    .run = run,
                                    .reset = reset};
  if (assay_posix_take_arguments(&argc, argv) < 0 || !assay_posix_open()) return 2;
  static assay_port port = {.board = "posix",
                            .tick_hz = 1000000000,
                            .clock = ASSAY_CLOCK_HOST_NS,
                            .tick = assay_posix_tick,
                            .rx = assay_posix_rx,
                            .tx = assay_posix_tx,
                            .rx_window = ASSAY_POSIX_RX_WINDOW};
  port.boot_id = assay_posix_boot_id();
  assay_posix_build_id(port.build_id);
  assay_init(&port, &model, 1);
  for (;;) {
    assay_poll();
    assay_posix_wait(100);
  }
}
