/* assay_plain_c_layers.h: marks the layers of a hand-written engine, so that the report has a time for each.
 *
 *     ASSAY_LAYER(0, dense(...));
 *     ASSAY_LAYER(1, softmax(...));
 *
 * With ASSAY_PLAIN_C_LAYERS defined each becomes an operator of the agent (assay_model.op_count says how many
 * there are); without it the line is the call alone, so the engine that ships needs no agent to link. */
#ifndef ASSAY_PLAIN_C_LAYERS_H
#define ASSAY_PLAIN_C_LAYERS_H

#ifdef ASSAY_PLAIN_C_LAYERS
#include "agent/assay.h"
#define ASSAY_LAYER(OP, CALL) \
  do {                        \
    assay_op_begin(OP);       \
    CALL;                     \
    assay_op_end(OP);         \
  } while (0)
#else
#define ASSAY_LAYER(OP, CALL) \
  do {                        \
    CALL;                     \
  } while (0)
#endif

#endif
