/* cortex_m.h: what a Cortex-M image needs before and after main(): vectors, memory set-up, stack bounds,
 * faults, reset.
 *
 * Link startup.c and fault.c with sections.ld and a memory.ld that defines the regions CODE and RAM and the
 * symbols assay_build_id_address and assay_stack_bytes. A chip's own interrupts are an array of handlers that
 * the board puts into section ".vectors.irq", in the order of the chip's interrupt numbers. C99, no libc.
 */
#ifndef ASSAY_CORTEX_M_H
#define ASSAY_CORTEX_M_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bounds made by sections.ld; only their addresses mean something. */
extern uint32_t assay_stack_low[];
extern uint32_t assay_stack_high[];
extern uint32_t assay_data_begin[];
extern uint32_t assay_data_end[];
extern uint32_t assay_bss_begin[];
extern uint32_t assay_bss_end[];

typedef void (*assay_handler)(void);

/* Records the fault and resets; also what an interrupt vector holds that nobody serves. */
void assay_fault_handler(void);

/* What was stacked when the fault came, and the fault status registers; addresses are symbolised on the host.
 */
typedef struct assay_fault_record {
  uint32_t exception; /* number: 3 hard, 4 memory, 5 bus, 6 usage, 16 + n an unserved interrupt n */
  uint32_t r0, r1, r2, r3, r12, lr, pc, psr; /* zeros when the stack pointer was outside the stack */
  uint32_t sp;
  uint32_t cfsr, hfsr, mmfar, bfar; /* zeros on cores without them (ARMv6-M) */
} assay_fault_record;

/* The record of a fault that happened before the last reset; NULL: none, or its checksum is wrong. */
const assay_fault_record* assay_fault_last(void);
void assay_fault_clear(void);
/* 1 when the fault handler made this boot happen, 0 on later boots although the record is still there. */
int assay_fault_caused_reset(void);

/* Counts the starts since RAM lost its content. Differs from boot to boot; not random. */
uint32_t assay_boot_count(void);

/* System reset request; does not return. */
void assay_system_reset(void);

#ifdef __cplusplus
}
#endif
#endif
