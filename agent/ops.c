/* Time of each operator. The board's 32-bit counter is extended to 64 bits at every operator, so only one
 * operator that outlasts the whole counter would go unseen. */
#include "core.h"

uint64_t assay_ticks(assay_agent* agent) {
  if (!agent->port->tick) return 0;
  const uint32_t now = agent->port->tick();
  if (now < agent->clock.last) ++agent->clock.high;
  agent->clock.last = now;
  return (uint64_t)agent->clock.high << 32 | now;
}

void assay_op_begin(uint16_t op) {
  assay_agent* agent = &assay_the_agent;
  (void)op;
  if (agent->hooks) agent->op_start = assay_ticks(agent);
}

void assay_op_end(uint16_t op) {
  assay_agent* agent = &assay_the_agent;
  if (!agent->hooks) return;
  const uint64_t now = assay_ticks(agent);
  if (op >= agent->port->op_record_count) return;
  assay_op_record* record = &agent->port->op_records[op];
  record->ticks += now - agent->op_start;
  ++record->calls;
}

void assay_ops_clear(assay_agent* agent) {
  for (uint16_t i = 0; agent->port->op_records && i < agent->port->op_record_count; ++i) {
    agent->port->op_records[i].ticks = 0;
    agent->port->op_records[i].calls = 0;
  }
}

uint8_t assay_op_page(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  const assay_port* port = agent->port;
  if (!port->op_records || !port->tick) return ASSAY_ABSENT;
  if (!agent->run.valid) return ASSAY_NOT_FOUND;
  uint32_t total = agent->models[agent->run.model].op_count;
  if (total > port->op_record_count) total = port->op_record_count;
  const uint32_t first = values[0];
  if (first >= total) return ASSAY_NOT_FOUND;
  const uint32_t last = total - first < ASSAY_OP_PAGE ? total : first + ASSAY_OP_PAGE;
  assay_pb_uint(out, 1, total);
  uint8_t* opened = assay_pb_open(out, 2);
  for (uint32_t i = first; i < last; ++i) assay_pb_varint(out, port->op_records[i].ticks);
  assay_pb_close(out, opened);
  opened = assay_pb_open(out, 3);
  for (uint32_t i = first; i < last; ++i) assay_pb_varint(out, port->op_records[i].calls);
  assay_pb_close(out, opened);
  return ASSAY_OK;
}
