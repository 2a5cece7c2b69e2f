#include "assay.h"
#include "board.h"
#include "digits.h"

static const assay_tensor pixels = {"pixels", digits_input, 64, ASSAY_INT8, 4, {1, 8, 8, 1}, 1 / 16.0f, 0};
static const assay_tensor scores = {"scores", digits_output, 10, ASSAY_INT8, 2, {1, 10}, DIGITS_SCALE, 0};

static int run(void* user) {
  (void)user;
  digits_run();
  return 0; /* done */
}

static const assay_model model = {.name = "digits", .engine = "plain C", .inputs = &pixels, .outputs = &scores,
                                  .input_count = 1, .output_count = 1, .run = run};
static assay_port port = {
#ifdef __arm__
    .board = "mps2-an386", .clock = ASSAY_CLOCK_INSTRUCTIONS, .tick_numerator = 5, .tick_denominator = 32, .emulated = 1,
    .stack_low = stack_bottom, .stack_high = stack_top,
#else
    .board = "posix", .clock = ASSAY_CLOCK_HOST_NS,
#endif
    .tick_hz = BOARD_TICKS_PER_SECOND, .tick = board_ticks, .rx = uart_read, .tx = uart_write, .reset = board_reset};

void assay_start(void) {
  board_build_id(port.build_id);
  assay_init(&port, &model, 1);
}
