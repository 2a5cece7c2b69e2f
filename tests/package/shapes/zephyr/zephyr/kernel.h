/* The shape of the Zephyr API that the example uses. */
#ifndef ZEPHYR_KERNEL_H
#define ZEPHYR_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define CONFIG_BOARD "a_board"

struct device {
  const char* name;
};
extern const struct device shape_of_a_device;
#define DEVICE_DT_GET(node) (&shape_of_a_device)

uint32_t k_cycle_get_32(void);
int sys_clock_hw_cycles_per_sec(void);
int32_t k_msleep(int32_t ms);

#endif
