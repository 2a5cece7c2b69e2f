#include <zephyr/kernel.h>

struct ring_buf {
  uint32_t size;
};
#define RING_BUF_DECLARE(name, bytes) static struct ring_buf name = {bytes}
uint32_t ring_buf_put(struct ring_buf* ring, const uint8_t* bytes, uint32_t count);
uint32_t ring_buf_get(struct ring_buf* ring, uint8_t* to, uint32_t count);
