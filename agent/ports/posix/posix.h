/* posix.h: what an assay_port needs where the firmware is a process of this computer: line, clock, reset,
 * build id.
 *
 *     PROGRAM [arguments of its own] --stdio | --listen unix:PATH
 *
 * The line is standard input and output, or the first client of a socket, as `assay run` starts it. A closed
 * peer is a pulled plug: the process ends with exit code 0. A reset runs the program again over the same line
 * with the same arguments, as a reset of a real board keeps its cable. Linux, C99.
 */
#ifndef ASSAY_POSIX_H
#define ASSAY_POSIX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Takes --stdio and --listen out of argv, so that the program sees only its own arguments; argv must outlive
 * the process. 1: a line was asked for, 0: none was, -1: refused, and stderr says why. With a line the
 * process dies with its parent. */
int assay_posix_take_arguments(int* argc, char** argv);
/* Opens what was asked for: prints "listening PATH" and waits for the client. 1: open, or none was asked for;
 * 0: refused, and stderr says why. */
int assay_posix_open(void);

/* For assay_port. Without a line rx finds nothing and tx drops. rx, tx: exit(0) when the peer is gone. */
size_t assay_posix_rx(uint8_t* to, size_t room);
void assay_posix_tx(const uint8_t* bytes, size_t count);
uint32_t assay_posix_tick(void); /* nanoseconds: tick_hz 1000000000, ASSAY_CLOCK_HOST_NS */
void assay_posix_reset(void);    /* does not return */
uint8_t assay_posix_reset_cause(void);
uint32_t assay_posix_boot_id(void);        /* random */
void assay_posix_build_id(uint8_t to[16]); /* of a program linked with -Wl,--build-id; else zeros */
#define ASSAY_POSIX_RX_WINDOW 65536u       /* the least that Linux gives a pipe */

/* Until bytes wait, at most timeout_ms. */
void assay_posix_wait(int timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
