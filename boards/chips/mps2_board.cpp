// Arm MPS2 FPGA board with a core of the CMSDK subsystem (AN385 Cortex-M3, AN386 Cortex-M4F), as QEMU models
// it. Addresses: Arm AN385 and AN386, "Memory map"; both applications have the same.
#include "boards/board.h"

#include <string.h>

#include "agent/ports/cortex_m/byte_ring.h"
#include "agent/ports/cortex_m/cortex_m.h"
#include "board_config.h"
#include "boards/chips/cmsdk_uart.h"
#include "boards/chips/cortex_m_board.h"

namespace assay::boards {
namespace {

CmsdkUart& uart() { return *reinterpret_cast<CmsdkUart*>(0x40004000); }
volatile uint32_t& fpgaio(uint32_t offset) {
  return *reinterpret_cast<volatile uint32_t*>(0x40028000 + offset);
}
constexpr uint32_t kLed = 0x00;      // bit 0: LED 0, used as the marker
constexpr uint32_t kCounter = 0x18;  // 25 MHz, free running
constexpr uint32_t kUartClockHz = 25000000;
constexpr uint32_t kBaud = 921600;  // not modelled

volatile uint32_t& nvic_enable() { return *reinterpret_cast<volatile uint32_t*>(0xE000E100); }
volatile uint32_t& nvic_disable() { return *reinterpret_cast<volatile uint32_t*>(0xE000E180); }
constexpr uint32_t kUart0RxIrq = 0;

constexpr uint32_t kRingBytes = 4096;
ports::ByteRing<kRingBytes> received;

// The interrupt pends again while a byte is served here, so it may come with nothing to read: ask the state,
// always. Taking a byte lets QEMU deliver the next one.
void uart0_rx_handler() {
  while (uart().state & CmsdkUart::kRxFull) {
    uart().interrupt = CmsdkUart::kRxInterrupt;
    received.put(static_cast<uint8_t>(uart().data));
  }
}

__attribute__((section(".vectors.irq"), used)) const assay_handler irq_vectors[32] = {
    uart0_rx_handler,    assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler,
    assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler,
    assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler,
    assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler,
    assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler,
    assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler, assay_fault_handler,
    assay_fault_handler, assay_fault_handler,
};

}  // namespace

bool start(int, char**) {
  uart().start(kUartClockHz, kBaud);
  // A byte that waited before the interrupt was enabled raises none.
  if (uart().state & CmsdkUart::kRxFull) received.put(static_cast<uint8_t>(uart().data));
  nvic_enable() = 1u << kUart0RxIrq;
  return true;
}

uint32_t tick() { return fpgaio(kCounter); }

uint32_t rx_window() { return kRingBytes - 1; }

size_t rx(uint8_t* to, size_t room) { return received.take(to, room); }

void tx(const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) uart().send(bytes[i]);
}

namespace {

// A byte that arrives during an inference would add its interrupt's instructions to the count. QEMU holds
// bytes back while nobody reads, so none is lost; silicon would lose them and must not do this.
void mark(int high) {
  (high ? nvic_disable() : nvic_enable()) = 1u << kUart0RxIrq;
  asm volatile("dsb\n isb" ::: "memory");
  fpgaio(kLed) = high ? 1 : 0;
}

}  // namespace

Extras extras() { return {.marker = mark}; }

uint32_t core_clock_hz() { return 0; }

// Sleeping is also the fastest way to receive (36 KB/s against 20 KB/s of watching the ring or the UART):
// QEMU's I/O thread gets the processor. Interrupts are off between the look and WFI, which wakes all the
// same, so no byte is missed.
void wait() {
  asm volatile("cpsid i" ::: "memory");
  if (received.empty()) asm volatile("wfi" ::: "memory");
  asm volatile("cpsie i\n isb" ::: "memory");
}

// Nothing in the FPGAIO block tells a power-on from a reset.
uint8_t reset_cause() { return cortex_m::fault_or(0); }

void unit_id(uint8_t* to) { memset(to, 0, 16); }

}  // namespace assay::boards
