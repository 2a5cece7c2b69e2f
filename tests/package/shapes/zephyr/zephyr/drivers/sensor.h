#include <zephyr/kernel.h>

struct sensor_value {
  int32_t val1, val2;
};
enum sensor_channel { SENSOR_CHAN_LIGHT };
int sensor_sample_fetch(const struct device* device);
int sensor_channel_get(const struct device* device, enum sensor_channel channel, struct sensor_value* values);
