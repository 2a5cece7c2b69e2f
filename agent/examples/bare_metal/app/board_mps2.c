/* Arm MPS2 with the FPGA image AN386 (Cortex-M4), start-up code included. Addresses: Arm AN386, "Memory map".
 */
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u) /* bit 0: transmitter full, bit 1: a byte was received */
#define UART_CONTROL REGISTER(0x40004008u)
#define UART_INTERRUPT REGISTER(0x4000400Cu)
#define UART_DIVISOR REGISTER(0x40004010u)
#define LEDS REGISTER(0x40028000u)
#define COUNTER REGISTER(0x40028018u) /* 25 MHz */
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define NVIC_ENABLE REGISTER(0xE000E100u)
#define CPACR REGISTER(0xE000ED88u)
#define AIRCR REGISTER(0xE000ED0Cu)

extern uint32_t data_begin[], data_end[], data_source[], bss_begin[], bss_end[]; /* mps2.ld */
extern const uint8_t build_id_note[];

static volatile uint8_t received[1024];
static volatile uint32_t received_head, received_tail;
static volatile uint32_t frames;

int main(int argc, char** argv);

void reset_handler(void) {
  CPACR |= 0xFu << 20; /* the FPU */
  __asm volatile("dsb\n isb" ::: "memory");
  const volatile uint32_t* from = data_source;
  for (volatile uint32_t* to = data_begin; to < data_end; ++to) *to = *from++;
  for (volatile uint32_t* to = bss_begin; to < bss_end; ++to) *to = 0;
  main(0, 0);
  board_reset();
}

static void hang(void) {
  for (;;) __asm volatile("wfi");
}

static void on_systick(void) { ++frames; }

static void on_uart_byte(void) {
  while (UART_STATE & 2u) {
    const uint32_t next = (received_head + 1) % sizeof received;
    UART_INTERRUPT = 2u;
    const uint8_t byte = (uint8_t)UART_DATA;
    if (next == received_tail) continue; /* nobody reads: the byte is lost */
    received[received_head] = byte;
    received_head = next;
  }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[48])(void) = {
    (void (*)(void))stack_top,
    reset_handler,
    hang, /* NMI */
    hang, /* HardFault */
    hang,
    hang,
    hang,
    0,
    0,
    0,
    0,
    hang,
    hang,
    0,
    hang,
    on_systick,
    on_uart_byte, /* interrupt 0 */
};

int board_start(int argc, char** argv) {
  (void)argc;
  (void)argv;
  UART_DIVISOR = 25000000u / 115200u;
  UART_CONTROL = 1u | 2u | 8u; /* transmit, receive, interrupt on a byte */
  NVIC_ENABLE = 1u;
  SYSTICK_RELOAD = 2500000u - 1; /* of 25 MHz */
  SYSTICK_CONTROL = 7u;
  return 1;
}

void board_wait(void) {
  static uint32_t seen;
  __asm volatile("cpsid i" ::: "memory"); /* what comes between the look and WFI still wakes it */
  if (received_head == received_tail && frames == seen) __asm volatile("wfi" ::: "memory");
  seen = frames;
  __asm volatile("cpsie i\n isb" ::: "memory");
}

void board_reset(void) {
  AIRCR = 0x05FA0004u;
  hang();
}

int board_frame_due(void) {
  static uint32_t taken;
  const int due = frames != taken;
  taken = frames;
  return due;
}

uint32_t board_ticks(void) { return COUNTER; }

void board_build_id(uint8_t to[16]) {
  for (int i = 0; i < 16; ++i) to[i] = build_id_note[16 + i]; /* behind the note's header and name */
}

size_t uart_read(uint8_t* to, size_t room) {
  size_t count = 0;
  while (count < room && received_tail != received_head) {
    to[count++] = received[received_tail];
    received_tail = (received_tail + 1) % sizeof received;
  }
  return count;
}

void uart_write(const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while (UART_STATE & 1u) {
    }
    UART_DATA = bytes[i];
  }
}

void display_show(int digit) { LEDS = 1u << (digit & 1); }
