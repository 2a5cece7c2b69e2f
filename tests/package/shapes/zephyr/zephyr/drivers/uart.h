#include <zephyr/kernel.h>

typedef void (*uart_irq_callback_user_data_t)(const struct device* uart, void* user);
int uart_irq_callback_user_data_set(const struct device* uart, uart_irq_callback_user_data_t callback,
                                    void* user);
void uart_irq_rx_enable(const struct device* uart);
int uart_irq_update(const struct device* uart);
int uart_fifo_read(const struct device* uart, uint8_t* to, const int size);
void uart_poll_out(const struct device* uart, unsigned char byte);
