/* As STM32CubeMX makes it for a board with a camera on SPI1 and a console on USART2; generated functions that do not
 * change are left out. */
#include "main.h"

#include <stdio.h>

#include "assay.h"
#include "digits.h"

extern SPI_HandleTypeDef hspi1;
extern UART_HandleTypeDef huart2;

/* USER CODE BEGIN 0 */
static volatile uint8_t received[1024], incoming;
static volatile uint32_t head, tail;

void HAL_UART_RxCpltCallback(UART_HandleTypeDef* uart) {
  received[head++ % sizeof received] = incoming;
  HAL_UART_Receive_IT(uart, (uint8_t*)&incoming, 1);
}
static size_t rx(uint8_t* to, size_t room) {
  size_t count = 0;
  while (count < room && tail != head) to[count++] = received[tail++ % sizeof received];
  return count;
}
static void tx(const uint8_t* bytes, size_t count) { HAL_UART_Transmit(&huart2, (uint8_t*)bytes, (uint16_t)count, HAL_MAX_DELAY); }
static uint32_t ticks(void) { return DWT->CYCCNT; }
static int run(void* user) { return (void)user, digits_run(), 0; /* done */ }

static const assay_tensor pixels = {"pixels", digits_input, 64, ASSAY_INT8, 4, {1, 8, 8, 1}, 1 / 16.0f, 0};
static const assay_tensor scores = {"scores", digits_output, 10, ASSAY_INT8, 2, {1, 10}, DIGITS_SCALE, 0};
static const assay_model model = {.name = "digits", .engine = "plain C", .inputs = &pixels, .outputs = &scores,
                                  .input_count = 1, .output_count = 1, .run = run};
static assay_port port = {.board = "stm32", .clock = ASSAY_CLOCK_CYCLES, .tick = ticks, .rx = rx, .tx = tx, .reset = NVIC_SystemReset};
/* USER CODE END 0 */

int main(void) {
  HAL_Init();
  SystemClock_Config();
  MX_GPIO_Init();
  MX_SPI1_Init();
  MX_USART2_UART_Init();

  /* USER CODE BEGIN 2 */
  char text[8];
  CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk; /* the cycle counter */
  DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;
  port.tick_hz = port.core_clock_hz = SystemCoreClock;
  assay_init(&port, &model, 1);
  HAL_UART_Receive_IT(&huart2, (uint8_t*)&incoming, 1);
  /* USER CODE END 2 */

  while (1) {
    /* USER CODE BEGIN 3 */
    assay_poll();
    if (assay_session()) continue; /* once a host has come, the buffers and the line are its own */
    if (HAL_SPI_Receive(&hspi1, (uint8_t*)digits_input, DIGITS_PIXELS, 100) == HAL_OK) {
      digits_run();
      const int size = snprintf(text, sizeof text, "%d\r\n", digits_answer());
      HAL_UART_Transmit(&huart2, (uint8_t*)text, (uint16_t)size, 100);
    }
    HAL_Delay(100);
    /* USER CODE END 3 */
  }
}
