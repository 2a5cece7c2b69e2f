/* firmware_models.h: which models an image presents. The one function in which the stock firmware, the
 * examples of the runners and the host build of an engine differ: each defines it once, the linker chooses.
 *
 * To put an engine under test: write one source file that fills an assay_model per model (the adapters in
 * runners/<engine>/ do that) and defines assay_firmware_models; link it with boards/firmware/main.cpp and a
 * board for the device, with runners/host_build/host_build.c for R2 (docs/adding/engine.md).
 */
#ifndef ASSAY_FIRMWARE_MODELS_H
#define ASSAY_FIRMWARE_MODELS_H

#include "agent/assay.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called once at boot, before assay_init. Returns `*count` models that live as long as the program. Without a
 * usable model `*count` is 0 and `*problem` one line that says why and what to do; else `*problem` stays
 * NULL. */
const assay_model* assay_firmware_models(uint8_t* count, const char** problem);

#ifdef __cplusplus
}
#endif
#endif
