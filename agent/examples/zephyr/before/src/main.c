/* The digit that a 64-pixel sensor sees, ten times a second. */
#include <zephyr/drivers/sensor.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "digits.h"

static const struct device* const camera = DEVICE_DT_GET(DT_ALIAS(camera));

static int read_picture(void) {
  struct sensor_value values[DIGITS_PIXELS];
  if (sensor_sample_fetch(camera) || sensor_channel_get(camera, SENSOR_CHAN_LIGHT, values)) return 0;
  for (int i = 0; i < DIGITS_PIXELS; ++i) digits_input[i] = (int8_t)values[i].val1;
  return 1;
}

int main(void) {
  for (;;) {
    if (read_picture()) {
      digits_run();
      printk("%d\n", digits_answer());
    }
    k_msleep(100);
  }
}
