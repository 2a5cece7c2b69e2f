/* assay_emlearn.h: puts a tree ensemble that emlearn generated (method="loadable") under the agent. Header
 * only, C99 and C++; emlearn's own headers come from the user's installation (`emlearn.includedir` in
 * Python).
 *
 *     #include "assay_emlearn.h"
 *     #include "my_forest.h"                          // by emlearn: cmodel.save(file=..., name="my_forest")
 *
 *     ASSAY_EMLEARN_TREES(gesture, my_forest, 6, 4)   // 6 features, 4 classes
 *     ...
 *     if (gesture_model("gesture", &models[0]) != 0) ... the forest has other sizes than these
 *
 * Input: int16 features, 1 x FEATURES, not quantised until assay_emlearn_features says what one step is
 * worth. Output: float32, 1 x CLASSES, the share of the votes (leaf_bits 0) or the mean of the leaves'
 * proportions; a regression forest (leaf_bits 32) has one output. Errors of emlearn come out as run() =
 * -EmlError: the host names the number.
 *
 * Per-operator times: none, emlearn walks all trees in one call. Other generated code: method="inline" gives
 * plain functions, which runners/plain_c/assay_plain_c.h wraps, as it does a function around eml_net.
 *
 * emlearn 0.23 defines functions in its headers: include them, and so this file, in one source file of a
 * program. */
#ifndef ASSAY_EMLEARN_H
#define ASSAY_EMLEARN_H

#include <eml_trees.h>
#include <string.h>

#include "agent/assay.h"

/* What the two tensors of an emlearn model have in common. */
static inline void assay_emlearn_tensor(assay_tensor* tensor, void* data, assay_type type, uint32_t count,
                                        uint32_t element_bytes) {
  memset(tensor, 0, sizeof *tensor);
  tensor->data = data;
  tensor->bytes = count * element_bytes;
  tensor->type = type;
  tensor->rank = 2;
  tensor->dims[0] = 1;
  tensor->dims[1] = count;
}

/* real = scale * feature: what the application multiplied its real values by before training is 1 / scale. */
static inline void assay_emlearn_features(assay_tensor* input, float scale) { input->scale = scale; }

static inline int assay_emlearn_run_trees(const EmlTrees* forest, const int16_t* features, float* outputs) {
  EmlError error;
#if EML_TREES_REGRESSION_ENABLE
  if (forest->leaf_bits == 32)
    return -(int)eml_trees_regress(forest, features, forest->n_features, outputs, 1);
#endif
  error = eml_trees_predict_proba(forest, features, forest->n_features, outputs, forest->n_classes);
  return -(int)error;
}

/* 0, or -EmlSizeMismatch when the forest has other features or outputs than the buffers. */
static inline int assay_emlearn_check_trees(const EmlTrees* forest, int32_t features, int32_t outputs) {
  const int32_t has = forest->leaf_bits == 32 ? 1 : forest->n_classes;
  return forest->n_features == features && has == outputs ? 0 : -(int)EmlSizeMismatch;
}

/* clang-format off */
#define ASSAY_EMLEARN_TREES(SYMBOL, FOREST, FEATURES, OUTPUTS)                                             \
  static int16_t SYMBOL##_in[FEATURES];                                                                    \
  static float SYMBOL##_out[OUTPUTS];                                                                      \
  static assay_tensor SYMBOL##_tensors[2];                                                                 \
  static int SYMBOL##_run(void* user) {                                                                    \
    (void)user;                                                                                            \
    return assay_emlearn_run_trees(&(FOREST), SYMBOL##_in, SYMBOL##_out);                                  \
  }                                                                                                        \
  static int SYMBOL##_model(const char* name, assay_model* model) {                                        \
    memset(model, 0, sizeof *model);                                                                       \
    assay_emlearn_tensor(&SYMBOL##_tensors[0], SYMBOL##_in, ASSAY_INT16, FEATURES, sizeof(int16_t));       \
    assay_emlearn_tensor(&SYMBOL##_tensors[1], SYMBOL##_out, ASSAY_FLOAT32, OUTPUTS, sizeof(float));       \
    model->name = name;                                                                                    \
    model->engine = "emlearn";                                                                             \
    model->inputs = &SYMBOL##_tensors[0];                                                                  \
    model->outputs = &SYMBOL##_tensors[1];                                                                 \
    model->input_count = 1;                                                                                \
    model->output_count = 1;                                                                               \
    model->run = SYMBOL##_run;                                                                             \
    return assay_emlearn_check_trees(&(FOREST), FEATURES, OUTPUTS);                                        \
  }
/* clang-format on */

#endif
