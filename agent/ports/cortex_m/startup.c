#include "cortex_m.h"

extern uint32_t assay_data_source[];
extern assay_handler assay_init_array_begin[];
extern assay_handler assay_init_array_end[];

int main(int argc, char** argv);

#define AIRCR (*(volatile uint32_t*)0xE000ED0Cu)
#define AIRCR_KEY_SYSRESETREQ 0x05FA0004u
#define CPACR (*(volatile uint32_t*)0xE000ED88u)

void assay_system_reset(void) {
  __asm volatile("dsb" ::: "memory");
  AIRCR = AIRCR_KEY_SYSRESETREQ;
  for (;;) __asm volatile("dsb");
}

/* Volatile: the compiler must not turn these loops into calls of memcpy and memset before memory is set up.
 */
static void set_up_memory(void) {
  volatile uint32_t* to = assay_data_begin;
  const volatile uint32_t* from = assay_data_source;
  while (to < assay_data_end) *to++ = *from++;
  for (volatile uint32_t* word = assay_bss_begin; word < assay_bss_end; ++word) *word = 0;
}

void assay_reset_handler(void) {
#if defined(__ARM_FP)
  CPACR |= 0xFu << 20; /* CP10 and CP11: the compiler may use the FPU anywhere from here on */
  __asm volatile("dsb\n isb" ::: "memory");
#endif
  set_up_memory();
  for (assay_handler* constructor = assay_init_array_begin; constructor < assay_init_array_end; ++constructor)
    (*constructor)();
  main(0, 0);
  assay_system_reset(); /* firmware that returns has nothing left to do but start again */
}

/* ARMv7-M names; entries that ARMv6-M does not have are reserved there and never taken. */
__attribute__((section(".vectors.system"), used)) static const assay_handler system_vectors[16] = {
    (assay_handler)assay_stack_high,
    assay_reset_handler,
    assay_fault_handler, /* NMI */
    assay_fault_handler, /* HardFault */
    assay_fault_handler, /* MemManage */
    assay_fault_handler, /* BusFault */
    assay_fault_handler, /* UsageFault */
    0,
    0,
    0,
    0,
    assay_fault_handler, /* SVCall */
    assay_fault_handler, /* DebugMonitor */
    0,
    assay_fault_handler, /* PendSV */
    assay_fault_handler, /* SysTick */
};
