#include "cortex_m.h"

#define NOINIT __attribute__((section(".noinit")))
#define FRESH 0xFA017ED1u
#define SCB_CFSR (*(volatile uint32_t*)0xE000ED28u)
#define SCB_HFSR (*(volatile uint32_t*)0xE000ED2Cu)
#define SCB_MMFAR (*(volatile uint32_t*)0xE000ED34u)
#define SCB_BFAR (*(volatile uint32_t*)0xE000ED38u)

/* RAM holds anything after power-on, so both words carry a check. */
static NOINIT assay_fault_record record;
static NOINIT uint32_t record_check;
static NOINIT uint32_t
    fresh; /* FRESH from the fault to the next boot; the record itself stays until cleared */
static NOINIT uint32_t boots;
static NOINIT uint32_t boots_check;

static uint32_t checksum(const assay_fault_record* of) {
  const uint32_t* word = (const uint32_t*)of;
  uint32_t sum = 0xA55A1234u;
  for (unsigned i = 0; i < sizeof *of / sizeof *word; ++i) sum = (sum << 5 | sum >> 27) ^ word[i];
  return sum;
}

const assay_fault_record* assay_fault_last(void) { return record_check == checksum(&record) ? &record : 0; }

void assay_fault_clear(void) { record_check = ~checksum(&record); }

int assay_fault_caused_reset(void) {
  static int8_t caused = -1;
  if (caused < 0) {
    caused = fresh == FRESH;
    fresh = 0;
  }
  return caused;
}

uint32_t assay_boot_count(void) {
  static uint8_t counted;
  if (!counted) {
    boots = boots_check == ~boots ? boots + 1 : 1;
    boots_check = ~boots;
    counted = 1;
  }
  return boots;
}

/* `frame` is the stack pointer at the fault: r0-r3, r12, lr, pc, psr lie there if it points into the stack.
 */
__attribute__((used)) static void save_and_reset(const uint32_t* frame) {
  uint32_t exception;
  __asm volatile("mrs %0, ipsr" : "=r"(exception));
  record = (assay_fault_record){.exception = exception & 0x1FFu, .sp = (uint32_t)frame};
  if (frame >= assay_stack_low && frame + 8 <= assay_stack_high && ((uint32_t)frame & 3u) == 0) {
    record.r0 = frame[0];
    record.r1 = frame[1];
    record.r2 = frame[2];
    record.r3 = frame[3];
    record.r12 = frame[4];
    record.lr = frame[5];
    record.pc = frame[6];
    record.psr = frame[7];
  }
#if __ARM_ARCH > 6 || defined(__ARM_ARCH_8M_BASE__)
  record.cfsr = SCB_CFSR;
  record.hfsr = SCB_HFSR;
  record.mmfar = SCB_MMFAR;
  record.bfar = SCB_BFAR;
#endif
  record_check = checksum(&record);
  fresh = FRESH;
  assay_system_reset();
}

/* The stack may be what broke, so the handler starts a new one at its top; everything below is lost anyway.
 */
__attribute__((naked)) void assay_fault_handler(void) {
  __asm volatile(
      "mrs r0, msp\n"
      "ldr r1, =assay_stack_high\n"
      "mov sp, r1\n"
      "ldr r1, =save_and_reset\n"
      "bx r1\n");
}
