/* assay_plain_c.h: puts an engine that is a C function under the agent. Header only; C99 and C++.
 *
 * The function is `int infer(const IN* in, OUT* out)`: 0 done, 1 needs another input (a streaming hop), < 0
 * an error of the engine, which the host reports with its number. In one source file:
 *
 *     ASSAY_PLAIN_C_MODEL(digits, digits_infer, int8_t, 64, int8_t, 10)
 *     ...
 *     static assay_model models[1];
 *     models[0] = digits_model("digits");
 *
 * defines the buffers `digits_in` and `digits_out`, their tensors `digits_tensors[0]` and `[1]`, and the
 * function that fills an assay_model. Tensors are 1 x COUNT and not quantised until assay_plain_c_shape and
 * assay_plain_c_quantised say otherwise; hash, op_count and arena_bytes are the caller's to set. A function
 * of another form needs three lines around it; several inputs or outputs are written as assay_tensor tables
 * by hand, as here.
 *
 * Per-operator times: assay_plain_c_layers.h, which costs nothing in a build without the agent.
 *
 * RAM: the two buffers and 2 tensors (56 bytes each on a 32-bit core). Time: one call more per inference.
 * Extend: a new element type is one ASSAY_PLAIN_C_TYPE_ line. */
#ifndef ASSAY_PLAIN_C_H
#define ASSAY_PLAIN_C_H

#include <string.h>

#include "agent/assay.h"

#define ASSAY_PLAIN_C_TYPE_float ASSAY_FLOAT32
#define ASSAY_PLAIN_C_TYPE_int8_t ASSAY_INT8
#define ASSAY_PLAIN_C_TYPE_uint8_t ASSAY_UINT8
#define ASSAY_PLAIN_C_TYPE_int16_t ASSAY_INT16
#define ASSAY_PLAIN_C_TYPE_int32_t ASSAY_INT32
#define ASSAY_PLAIN_C_TYPE_int64_t ASSAY_INT64

/* Type, bytes and data of a buffer that stays where it is; 1 x count, not quantised. */
static inline void assay_plain_c_tensor(assay_tensor* tensor, void* data, assay_type type, uint32_t count,
                                        uint32_t element_bytes) {
  memset(tensor, 0, sizeof *tensor);
  tensor->data = data;
  tensor->bytes = count * element_bytes;
  tensor->type = type;
  tensor->rank = 2;
  tensor->dims[0] = 1;
  tensor->dims[1] = count;
}

/* real = scale * (q - zero_point) */
static inline void assay_plain_c_quantised(assay_tensor* tensor, float scale, int32_t zero_point) {
  tensor->scale = scale;
  tensor->zero_point = zero_point;
}

/* `rank` dimensions with the batch, at most ASSAY_MAX_RANK; their product is the tensor's number of elements.
 */
static inline void assay_plain_c_shape(assay_tensor* tensor, uint8_t rank, const uint32_t* dims) {
  uint8_t i;
  tensor->rank = rank;
  for (i = 0; i < rank; ++i) tensor->dims[i] = dims[i];
}

/* clang-format off */
#define ASSAY_PLAIN_C_MODEL(SYMBOL, INFER, IN, IN_COUNT, OUT, OUT_COUNT)                                   \
  static IN SYMBOL##_in[IN_COUNT];                                                                         \
  static OUT SYMBOL##_out[OUT_COUNT];                                                                      \
  static assay_tensor SYMBOL##_tensors[2];                                                                 \
  static int SYMBOL##_run(void* user) {                                                                    \
    (void)user;                                                                                            \
    return INFER(SYMBOL##_in, SYMBOL##_out);                                                               \
  }                                                                                                        \
  static assay_model SYMBOL##_model(const char* name) {                                                    \
    assay_model model;                                                                                     \
    memset(&model, 0, sizeof model);                                                                       \
    assay_plain_c_tensor(&SYMBOL##_tensors[0], SYMBOL##_in, ASSAY_PLAIN_C_TYPE_##IN, IN_COUNT, sizeof(IN));  \
    assay_plain_c_tensor(&SYMBOL##_tensors[1], SYMBOL##_out, ASSAY_PLAIN_C_TYPE_##OUT, OUT_COUNT, sizeof(OUT)); \
    model.name = name;                                                                                     \
    model.engine = "plain_c";                                                                              \
    model.inputs = &SYMBOL##_tensors[0];                                                                   \
    model.outputs = &SYMBOL##_tensors[1];                                                                  \
    model.input_count = 1;                                                                                 \
    model.output_count = 1;                                                                                \
    model.run = SYMBOL##_run;                                                                              \
    return model;                                                                                          \
  }
/* clang-format on */

#endif
