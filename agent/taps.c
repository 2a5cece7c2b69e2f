/* The output of one operator, copied while it is there: the arena reuses its memory as soon as it may. */
#include <string.h>

#include "core.h"

enum { SELECT_MODEL, SELECT_OP, SELECT_OFF };
enum { READ_OFFSET, READ_BYTES, READ_GENERATION };

static uint8_t select_tap(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  assay_taps* taps = &agent->taps;
  if (values[SELECT_MODEL] >= agent->model_count ||
      (!values[SELECT_OFF] && values[SELECT_OP] >= agent->models[values[SELECT_MODEL]].op_count))
    return ASSAY_NOT_FOUND;
  taps->model = (uint8_t)values[SELECT_MODEL];
  taps->op = (uint16_t)values[SELECT_OP];
  taps->selected = !values[SELECT_OFF];
  taps->outside = 0;
  taps->generation = taps->bytes = 0;
  assay_pb_uint(out, 1, taps->room);
  return ASSAY_OK;
}

/* Whether the buffer holds the tensor of the run that is asked for. */
static uint8_t state_of(const assay_agent* agent, uint32_t generation) {
  const assay_taps* taps = &agent->taps;
  if (!taps->selected) return ASSAY_NOT_OPEN;
  if (generation && generation != agent->run.generation) return ASSAY_STALE;
  if (taps->generation && taps->generation == agent->run.generation) return ASSAY_OK;
  return taps->outside ? ASSAY_TAP_OUTSIDE : ASSAY_TAP_MISSED;
}

static uint8_t read_tap(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  const assay_taps* taps = &agent->taps;
  const uint32_t offset = values[READ_OFFSET], bytes = values[READ_BYTES];
  const uint8_t status = state_of(agent, values[READ_GENERATION]);
  if (status != ASSAY_OK) return status;
  if (bytes) {
    if (taps->bytes > taps->room) return ASSAY_TAP_TOO_LARGE;
    if (offset > taps->bytes || bytes > taps->bytes - offset || taps->bytes > ASSAY_TRANSFER_MAX)
      return ASSAY_LIMIT;
    agent->download.from = taps->buffer;
    agent->download.offset = offset;
    agent->download.bytes = bytes;
    agent->after = ASSAY_AFTER_DATA;
  }
  assay_pb_uint(out, 1, bytes);
  assay_pb_uint(out, 2, taps->generation);
  assay_pb_uint(out, 3, taps->bytes);
  return ASSAY_OK;
}

static const assay_request requests[] = {
    {ASSAY_MESSAGE_SELECT_TAP, select_tap},
    {ASSAY_MESSAGE_READ_TAP, read_tap},
    {0, NULL},
};

void assay_use_taps(void* buffer, uint32_t bytes) {
  assay_agent* agent = &assay_the_agent;
  agent->taps.buffer = (uint8_t*)buffer;
  agent->taps.room = bytes;
  agent->tap_requests = buffer ? requests : NULL;
}

void assay_tap(uint16_t op, const void* data, uint32_t bytes) {
  assay_agent* agent = &assay_the_agent;
  assay_taps* taps = &agent->taps;
  if (!taps->selected || op != taps->op) return;
  if (!agent->running) { /* nobody knows which inference this belongs to */
    taps->outside = 1;
    return;
  }
  if (agent->run.model != taps->model) return;
  taps->generation = agent->run.generation;
  taps->bytes = bytes;
  if (bytes <= taps->room) memcpy(taps->buffer, data, bytes);
}
