/* The emlearn forest of the image that measures adapters. */
#include "assay_emlearn.h"
#include "assay_plain_c.h"
#include "digits_forest.h"
#include "overhead.h"

ASSAY_EMLEARN_TREES(forest, digits_forest, 64, 10)

static int measure_forest(const int16_t* features, int32_t* ticks) {
  static float outputs[10];
  uint32_t begin;
  EmlError error;
  assay_overhead_pair(ticks);
  begin = assay_overhead_tick();
  error = eml_trees_predict_proba(&digits_forest, features, 64, outputs, 10);
  ticks[0] = (int32_t)(assay_overhead_tick() - begin);
  return -(int)error;
}
ASSAY_PLAIN_C_MODEL(forest_bare, measure_forest, int16_t, 64, int32_t, 2)

void assay_overhead_forest(assay_model* adapter, assay_model* bare) {
  if (forest_model("digits_forest", adapter) != 0) return;
  *bare = forest_bare_model("digits_forest_bare");
}
