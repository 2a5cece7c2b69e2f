/* The digit that a 64-pixel sensor sees, ten times a second. */
#include <assay.h>
#include <zephyr/drivers/sensor.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/ring_buffer.h>

#include "digits.h"

static const struct device* const camera = DEVICE_DT_GET(DT_ALIAS(camera));

static int read_picture(void) {
  struct sensor_value values[DIGITS_PIXELS];
  if (sensor_sample_fetch(camera) || sensor_channel_get(camera, SENSOR_CHAN_LIGHT, values)) return 0;
  for (int i = 0; i < DIGITS_PIXELS; ++i) digits_input[i] = (int8_t)values[i].val1;
  return 1;
}

static const struct device* const line = DEVICE_DT_GET(DT_CHOSEN(zephyr_console));
RING_BUF_DECLARE(received, 1024);

static void on_uart(const struct device* uart, void* user) {
  uint8_t byte;
  uart_irq_update(uart);
  while (uart_fifo_read(uart, &byte, 1) == 1) ring_buf_put(&received, &byte, 1);
}
static size_t rx(uint8_t* to, size_t room) { return ring_buf_get(&received, to, room); }
static void tx(const uint8_t* bytes, size_t count) {
  while (count--) uart_poll_out(line, *bytes++);
}
static uint32_t ticks(void) { return k_cycle_get_32(); }
static int run(void* user) { return digits_run(), 0; /* done */ }

static const assay_tensor pixels = {"pixels", digits_input, 64, ASSAY_INT8, 4, {1, 8, 8, 1}, 1 / 16.0f, 0};
static const assay_tensor scores = {"scores", digits_output, 10, ASSAY_INT8, 2, {1, 10}, DIGITS_SCALE, 0};
static const assay_model model = {.name = "digits", .engine = "plain C", .inputs = &pixels, .outputs = &scores,
                                  .input_count = 1, .output_count = 1, .run = run};
static assay_port port = {.board = CONFIG_BOARD, .clock = ASSAY_CLOCK_TIMER, .tick = ticks, .rx = rx, .tx = tx, .rx_window = 1024};

int main(void) {
  port.tick_hz = sys_clock_hw_cycles_per_sec();
  assay_init(&port, &model, 1);
  uart_irq_callback_user_data_set(line, on_uart, NULL);
  uart_irq_rx_enable(line);
  for (;;) {
    assay_poll();
    if (assay_session()) continue; /* once a host has come, the buffers and the line are its own */
    if (read_picture()) {
      digits_run();
      printk("%d\n", digits_answer());
    }
    k_msleep(100);
  }
}
