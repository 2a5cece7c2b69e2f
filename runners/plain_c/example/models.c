/* What the firmware of this example presents: the whole of what Assay adds to the engine. */
#include "assay_plain_c.h"
#include "digits_mlp.h"
#include "runners/firmware_models.h"

ASSAY_PLAIN_C_MODEL(digits, digits_mlp_infer, int8_t, DIGITS_MLP_INPUTS, int8_t, DIGITS_MLP_OUTPUTS)

const assay_model* assay_firmware_models(uint8_t* count, const char** problem) {
  static assay_model models[1];
  static const uint32_t image[] = {1, 8, 8, 1};
  static const char* const layers[DIGITS_MLP_LAYERS] = {"dense 64-32", "dense 32-16", "dense 16-10"};
  (void)problem;
  models[0] = digits_model("digits_mlp");
  models[0].hash = DIGITS_MLP_SHA256; /* of digits_mlp_weights.h, from the build */
  models[0].op_count = DIGITS_MLP_LAYERS;
  models[0].op_names = layers;
  assay_plain_c_shape(&digits_tensors[0], 4, image);
  assay_plain_c_quantised(&digits_tensors[0], 1.0f / 16, 0);
  assay_plain_c_quantised(&digits_tensors[1], DIGITS_MLP_OUT_SCALE, 0);
  *count = 1;
  return models;
}
