/* RAM: what is planned, and what was touched. The stack is painted at start; the deepest byte that lost its
 * paint is the mark. A frame that reserves bytes without writing them hides below it. */
#include "core.h"

#define PAINT 0xA5u
#define PAINT_MARGIN 128u /* of the caller's and our own frame, never painted */

void assay_stack(uint8_t* stack_low, uint8_t* stack_high) {
  assay_agent* agent = &assay_the_agent;
  volatile uint8_t here = 0; /* its address is the stack pointer, near enough */
  const uintptr_t low = (uintptr_t)stack_low, high = (uintptr_t)&here;
  agent->stack_low = NULL;
  if (high < low + PAINT_MARGIN || high > (uintptr_t)stack_high)
    return; /* another stack: without paint there is nothing to read */
  const uintptr_t room = high - PAINT_MARGIN - low;
  volatile uint8_t* at = stack_low; /* volatile: no call to memset, whose frame could lie in the paint */
  for (uintptr_t i = 0; i < room; ++i) at[i] = PAINT;
  agent->stack_low = stack_low;
  agent->stack_high = stack_high;
}

static uint32_t stack_touched(const assay_agent* agent) {
  const volatile uint8_t* at = agent->stack_low;
  while (at < agent->stack_high && *at == PAINT) ++at;
  return (uint32_t)(agent->stack_high - at);
}

static uint32_t bytes_of(const assay_tensor* tensors, uint8_t count) {
  uint32_t bytes = 0;
  for (uint8_t i = 0; i < count; ++i) bytes += tensors[i].bytes;
  return bytes;
}

uint8_t assay_memory(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  const assay_port* port = agent->port;
  if (values[0] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[0]];
  assay_pb_uint(out, 1, port->static_bytes);
  assay_pb_uint(out, 2, model->arena_bytes);
  if (model->arena_used) assay_pb_uint(out, 3, model->arena_used(model->user));
  if (agent->stack_low) {
    assay_pb_uint(out, 4, (uint32_t)(agent->stack_high - agent->stack_low));
    assay_pb_uint(out, 5, stack_touched(agent));
  }
  assay_pb_uint(out, 6,
                bytes_of(model->inputs, model->input_count) + bytes_of(model->outputs, model->output_count));
  assay_pb_uint(out, 7, sizeof *agent);
  return ASSAY_OK;
}
