/* As STM32CubeMX makes it for a board with a camera on SPI1 and a console on USART2; generated functions that do not
 * change are left out. */
#include "main.h"

#include <stdio.h>

#include "digits.h"

extern SPI_HandleTypeDef hspi1;
extern UART_HandleTypeDef huart2;

/* USER CODE BEGIN 0 */
/* USER CODE END 0 */

int main(void) {
  HAL_Init();
  SystemClock_Config();
  MX_GPIO_Init();
  MX_SPI1_Init();
  MX_USART2_UART_Init();

  /* USER CODE BEGIN 2 */
  char text[8];
  /* USER CODE END 2 */

  while (1) {
    /* USER CODE BEGIN 3 */
    if (HAL_SPI_Receive(&hspi1, (uint8_t*)digits_input, DIGITS_PIXELS, 100) == HAL_OK) {
      digits_run();
      const int size = snprintf(text, sizeof text, "%d\r\n", digits_answer());
      HAL_UART_Transmit(&huart2, (uint8_t*)text, (uint16_t)size, 100);
    }
    HAL_Delay(100);
    /* USER CODE END 3 */
  }
}
