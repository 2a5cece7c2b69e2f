/* What the firmware of this example presents: two forests of the same digits, which differ in one factor.
 *
 * `digits_forest` was trained on pixels times two, `digits_forest_raw` on pixels as they are. emlearn cuts
 * thresholds to whole numbers and asks `<` where scikit-learn asks `<=`; between even features every
 * threshold is whole, between neighbouring ones it is not, and the raw forest loses answers. The report lays
 * that on the compression. */
#include "assay_emlearn.h"
#include "digits_forest.h"
#include "digits_forest_raw.h"
#include "runners/firmware_models.h"

enum { kPixels = 64, kClasses = 10 };

ASSAY_EMLEARN_TREES(doubled, digits_forest, kPixels, kClasses)
ASSAY_EMLEARN_TREES(raw, digits_forest_raw, kPixels, kClasses)

const assay_model* assay_firmware_models(uint8_t* count, const char** problem) {
  static assay_model models[2];
  *count = 0;
  if (doubled_model("digits_forest", &models[0]) != 0 || raw_model("digits_forest_raw", &models[1]) != 0) {
    *problem = "a forest has other features or classes than models.c says: correct the two numbers";
    return NULL;
  }
  models[0].hash = DIGITS_FOREST_SHA256; /* of the generated headers, from the build */
  models[1].hash = DIGITS_FOREST_RAW_SHA256;
  assay_emlearn_features(&doubled_tensors[0], 0.5f);
  assay_emlearn_features(&raw_tensors[0], 1.0f);
  *count = 2;
  return models;
}
