/* The shape of what STM32CubeMX generates, HAL and CMSIS, as far as the example uses it. */
#ifndef MAIN_H
#define MAIN_H

#include <stdint.h>

typedef struct UART_HandleTypeDef UART_HandleTypeDef;
typedef struct SPI_HandleTypeDef SPI_HandleTypeDef;
typedef enum { HAL_OK = 0, HAL_ERROR, HAL_BUSY, HAL_TIMEOUT } HAL_StatusTypeDef;
#define HAL_MAX_DELAY 0xFFFFFFFFu

HAL_StatusTypeDef HAL_Init(void);
void HAL_Delay(uint32_t delay_ms);
HAL_StatusTypeDef HAL_SPI_Receive(SPI_HandleTypeDef* spi, uint8_t* data, uint16_t size, uint32_t timeout);
HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef* uart, uint8_t* data, uint16_t size, uint32_t timeout);
HAL_StatusTypeDef HAL_UART_Receive_IT(UART_HandleTypeDef* uart, uint8_t* data, uint16_t size);
void HAL_UART_RxCpltCallback(UART_HandleTypeDef* uart);
void SystemClock_Config(void);
void MX_GPIO_Init(void);
void MX_SPI1_Init(void);
void MX_USART2_UART_Init(void);

typedef struct {
  volatile uint32_t CTRL, CYCCNT;
} DWT_Type;
typedef struct {
  volatile uint32_t DHCSR, DCRSR, DCRDR, DEMCR;
} CoreDebug_Type;
#define DWT ((DWT_Type*)0xE0001000u)
#define CoreDebug ((CoreDebug_Type*)0xE000EDF0u)
#define DWT_CTRL_CYCCNTENA_Msk 1u
#define CoreDebug_DEMCR_TRCENA_Msk (1u << 24)
extern uint32_t SystemCoreClock;
void NVIC_SystemReset(void);

#endif
