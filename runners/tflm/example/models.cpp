// What the firmware of this example presents: a .tflite in flash, run by the TFLM that the build was given.
//
// The model lies in `assay_tflm_model`, an array with room for a larger one: a tapped model takes the
// original's place
// ([engine] model_symbol of the profile) without a new build.
#include <stdarg.h>
#include <stdio.h>

#include "assay_tflm.h"
#include "runners/firmware_models.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

extern "C" const uint8_t assay_tflm_model[];
asm(".section .rodata.assay_tflm_model, \"a\"\n"
    ".balign 16\n"
    ".global assay_tflm_model\n"
    ".type assay_tflm_model, %object\n"
    "assay_tflm_model:\n"
    ".incbin \"" ASSAY_TFLM_MODEL
    "\"\n"
    ".balign 16\n"
    ".space 4096\n"
    ".size assay_tflm_model, . - assay_tflm_model\n"
    ".previous\n");

namespace {

alignas(16) __attribute__((section(".arena"))) uint8_t arena[ASSAY_TFLM_ARENA];
assay::tflm::Runner runner;

using Resolver = tflite::MicroMutableOpResolver<6>;

// The operators that are linked: those of the keyword model.
const Resolver& resolver() {
  static Resolver made;
  static bool filled = false;
  if (!filled) {
    made.AddConv2D();
    made.AddDepthwiseConv2D();
    made.AddFullyConnected();
    made.AddAveragePool2D();
    made.AddReshape();
    made.AddSoftmax();
    filled = true;
  }
  return made;
}

}  // namespace

// TFLM's words on what went wrong go to the host's console.log. The archive's own versions are not linked
// then.
extern "C" void DebugLog(const char* format, va_list arguments) {
  static char line[120];
  static size_t length = 0;
  const int written = vsnprintf(line + length, sizeof line - length, format, arguments);
  if (written > 0) length += static_cast<size_t>(written);
  if (length >= sizeof line) length = sizeof line - 1;
  if (length < 2 || line[length - 1] != '\n') return;
  line[length - 2] = 0;  // "\r\n"
  assay_log(0, line);
  length = 0;
}
extern "C" int DebugVsnprintf(char* to, size_t room, const char* format, va_list arguments) {
  return vsnprintf(to, room, format, arguments);
}

const assay_model* assay_firmware_models(uint8_t* count, const char** problem) {
  *problem = runner.open(assay_tflm_model, resolver(), arena, sizeof arena, ASSAY_TFLM_MODEL_NAME,
                         ASSAY_TFLM_MODEL_SHA256);
  *count = *problem ? 0 : 1;
  return *problem ? nullptr : &runner.model();
}
