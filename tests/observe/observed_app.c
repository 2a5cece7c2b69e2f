/* An application that infers by itself, at a known period and of known lengths, with the agent beside it:
 * what `assay observe` watches in its test. A process; see agent/ports/posix/posix.h for its line.
 *
 *   observed_app [--period-us N] [--infer-us N] [--slow-every N] [--reset-after N] [--plain] --listen
 * unix:PATH
 *
 * Every --slow-every'th inference takes four times as long. After --reset-after inferences the application
 * resets itself. --plain: it keeps no timings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/assay.h"
#include "agent/ports/posix/posix.h"

static int8_t input[8], output[2];
static uint32_t model_bins[160], capture_bins[64];

static const assay_tensor inputs[] = {{"samples", input, sizeof input, ASSAY_INT8, 2, {1, 8}, 0.5f, 0}};
static const assay_tensor outputs[] = {{"scores", output, sizeof output, ASSAY_INT8, 2, {1, 2}, 0.5f, 0}};
/* run is NULL: this model belongs to the application. */
static const assay_model models[] = {{.name = "wake word",
                                      .engine = "test",
                                      .inputs = inputs,
                                      .outputs = outputs,
                                      .input_count = 1,
                                      .output_count = 1}};
/* From 2^10 ns: 20 octaves. */
static assay_timing observed[] = {{.bins = model_bins, .bin_count = 160, .first_octave = 10}};
static assay_timing spans[] = {{.name = "capture", .bins = capture_bins, .bin_count = 64, .first_octave = 8},
                               {.name = "post"}};

/* Computes for that long: the clock decides, however busy the machine is. */
static void work(uint32_t us) {
  const uint32_t begin = assay_posix_tick();
  while (assay_posix_tick() - begin < us * 1000u) output[0] = (int8_t)(output[0] * 3 + 1);
}

static void infer(uint32_t us) {
  assay_span_begin(0);
  work(100);
  assay_span_end(0);
  assay_observe_begin(0);
  work(us);
  assay_observe_end(0);
  assay_span_begin(1);
  assay_span_end(1);
}

int main(int argc, char** argv) {
  if (assay_posix_take_arguments(&argc, argv) < 0) return 2;
  uint32_t period_us = 5000, infer_us = 1000, slow_every = 0, reset_after = 0;
  int plain = 0;
  const struct {
    const char* flag;
    uint32_t* value;
  } options[] = {{"--period-us", &period_us},
                 {"--infer-us", &infer_us},
                 {"--slow-every", &slow_every},
                 {"--reset-after", &reset_after}};
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--plain") == 0) plain = 1;
    for (size_t k = 0; k < sizeof options / sizeof *options && i + 1 < argc; ++k) {
      if (strcmp(argv[i], options[k].flag) == 0) *options[k].value = (uint32_t)strtoul(argv[i + 1], NULL, 10);
    }
  }
  if (!assay_posix_open()) return 2;
  assay_port port = {.board = "posix",
                     .tick_hz = 1000000000,
                     .clock = ASSAY_CLOCK_HOST_NS,
                     .reset_cause = assay_posix_reset_cause(),
                     .boot_id = assay_posix_boot_id(),
                     .tick = assay_posix_tick,
                     .rx = assay_posix_rx,
                     .tx = assay_posix_tx,
                     .reset = assay_posix_reset,
                     .rx_window = ASSAY_POSIX_RX_WINDOW};
  assay_posix_build_id(port.build_id);
  assay_init(&port, models, 1);
  if (!plain) {
    assay_use_observe(observed);
    assay_use_spans(spans, 2);
  }
  uint32_t next = assay_posix_tick();
  for (uint32_t done = 0;;) {
    const int32_t left_us = (int32_t)(next - assay_posix_tick()) / 1000;
    if (left_us <= 0) {
      next += period_us * 1000u;
      infer(slow_every && (done + 1) % slow_every == 0 ? 4 * infer_us : infer_us);
      if (++done == reset_after) assay_posix_reset();
    } else {
      assay_posix_wait(left_us / 1000);
    }
    assay_poll();
  }
}
