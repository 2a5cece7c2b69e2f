// Arm CMSDK APB UART (Cortex-M System Design Kit TRM, "APB UART"): one byte of buffer each way.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace assay::boards {

struct CmsdkUart {
  volatile uint32_t data;
  volatile uint32_t state;
  volatile uint32_t control;
  volatile uint32_t interrupt;  // read: status, write 1: clear
  volatile uint32_t divisor;    // clock / baud, at least 16

  static constexpr uint32_t kTxFull = 1u << 0;
  static constexpr uint32_t kRxFull = 1u << 1;
  static constexpr uint32_t kTxEnable = 1u << 0;
  static constexpr uint32_t kRxEnable = 1u << 1;
  static constexpr uint32_t kRxInterruptEnable = 1u << 3;
  static constexpr uint32_t kRxInterrupt = 1u << 1;

  // QEMU ignores the rate but refuses to run with a divisor below 16.
  void start(uint32_t clock_hz, uint32_t baud) {
    divisor = clock_hz / baud;
    control = kTxEnable | kRxEnable | kRxInterruptEnable;
  }
  void send(uint8_t byte) {
    while (state & kTxFull) {
    }
    data = byte;
  }
};

}  // namespace assay::boards
