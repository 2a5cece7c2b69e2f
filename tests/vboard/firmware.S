// Firmware of the virtual-board tests, by fixed addresses:
//   0x0c0  counts in 0x20000000 and answers each byte of UART0 with its successor
//   0x200  sleeps for ever (WFI, no interrupt is enabled)
//   0x240  undefined instruction; the handler of that fault is undefined too: a lockup
//   0x280  asks for a system reset
        .syntax unified
        .cpu cortex-m4
        .thumb

        .section .vectors, "a"
        .word 0x20010000
        .word start + 1
        .word 0
        .word hard_fault + 1
        .rept 12
        .word 0
        .endr

        .section .text
        .org 0x00
start:  ldr r0, =0x20000000
        movs r1, #0
        str r1, [r0]
        ldr r2, =0x40004000     // UART0 of MPS2: DATA 0, STATE 4 (bit 1: received), CTRL 8, BAUDDIV 16
        movs r3, #16
        str r3, [r2, #16]
        movs r3, #3
        str r3, [r2, #8]
        b count
        .ltorg

        .org 0x40               // 0x100
count:  ldr r1, [r0]
        adds r1, #1
        str r1, [r0]            // 0x104
        ldr r3, [r2, #4]        // 0x106
        lsls r3, r3, #30
        bpl count
        ldr r3, [r2]
        adds r3, #1
        str r3, [r2]
        b count

        .org 0x140              // 0x200
sleeps: wfi
        b sleeps

        .org 0x180              // 0x240
        udf #0
hard_fault:
        udf #1

        .org 0x1c0              // 0x280
        ldr r0, =0xE000ED0C
        ldr r1, =0x05FA0004
        str r1, [r0]
        b .
        .ltorg
