/* Invoke: accepted first, then the line is silent, the runs happen, DONE follows; Result repeats what DONE
 * said. */
#include "core.h"

enum { INVOKE_MODEL, INVOKE_COUNT, INVOKE_FLAGS, INVOKE_TRANSFER, INVOKE_CRC };

uint8_t assay_invoke(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  (void)out;
  const uint32_t flags = values[INVOKE_FLAGS];
  if (values[INVOKE_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  if (!agent->models[values[INVOKE_MODEL]].run) return ASSAY_ABSENT; /* the application infers */
  if ((flags & ASSAY_INVOKE_QUIET) && !agent->port->link) return ASSAY_ABSENT;
  if ((flags & ASSAY_INVOKE_OPS) && !(agent->port->op_records && agent->port->tick)) return ASSAY_ABSENT;
  if (values[INVOKE_TRANSFER]) {
    const uint8_t status = assay_commit(agent, values[INVOKE_TRANSFER], values[INVOKE_CRC]);
    if (status != ASSAY_OK) return status;
  }
  agent->transfer.tensor = NULL; /* the run may write over an input that is only half there */
  assay_run* run = &agent->run;
  run->id = agent->reply.id;
  run->model = (uint8_t)values[INVOKE_MODEL];
  run->flags = (uint8_t)flags;
  run->asked = values[INVOKE_COUNT] ? values[INVOKE_COUNT] : 1;
  agent->after = ASSAY_AFTER_RUN;
  return ASSAY_OK;
}

static void write_done(const assay_run* run, assay_pb_writer* out) {
  assay_pb_uint(out, 1, run->id);
  assay_pb_uint(out, 2, run->status);
  assay_pb_sint(out, 3, run->engine_code);
  assay_pb_uint(out, 4, run->done);
  assay_pb_uint64(out, 5, run->ticks);
  assay_pb_uint64(out, 6, run->ticks_min);
  assay_pb_uint64(out, 7, run->ticks_max);
  assay_pb_uint(out, 8, run->generation);
}

uint8_t assay_result(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (!agent->run.valid || agent->run.id != values[0]) return ASSAY_NOT_FOUND;
  write_done(&agent->run, out);
  return ASSAY_OK;
}

static int run_once(assay_agent* agent, const assay_model* model) {
  const assay_port* port = agent->port;
  assay_run* run = &agent->run;
  if (port->marker) port->marker(1);
  const uint64_t begin = assay_ticks(agent);
  const int code = model->run(model->user);
  const uint64_t ticks = assay_ticks(agent) - begin;
  if (port->marker) port->marker(0);
  run->ticks += ticks;
  if (run->done == 0 || ticks < run->ticks_min) run->ticks_min = ticks;
  if (ticks > run->ticks_max) run->ticks_max = ticks;
  run->engine_code = code;
  if (code >= 0) ++run->done;
  return code;
}

static void push_outputs(assay_agent* agent, const assay_model* model) {
  for (uint8_t i = 0; i < model->output_count && i < 64; ++i) {
    assay_download what;
    what.from = (const uint8_t*)model->outputs[i].data;
    what.offset = 0;
    what.bytes = model->outputs[i].bytes;
    if (what.bytes > ASSAY_TRANSFER_MAX || assay_tensor_fault(&model->outputs[i]))
      continue; /* the host's Read will be told why */
    assay_send_data(agent, (uint8_t)(ASSAY_DATA_PUSHED | i << 2), (uint8_t)agent->run.id, &what);
  }
}

void assay_execute(assay_agent* agent) {
  assay_run* run = &agent->run;
  const assay_model* model = &agent->models[run->model];
  const int quiet = run->flags & ASSAY_INVOKE_QUIET;
  run->done = 0;
  run->ticks = run->ticks_min = run->ticks_max = 0;
  if (++run->generation == 0) run->generation = 1;
  if ((run->flags & ASSAY_INVOKE_RESET_STATE) && model->reset) model->reset(model->user);
  assay_ops_clear(agent);
  agent->hooks = run->flags & ASSAY_INVOKE_OPS;
  agent->running = 1;
  if (quiet) agent->port->link(0);
  int code = 0;
  for (uint32_t i = 0; i < run->asked && code == 0; ++i) code = run_once(agent, model);
  if (quiet) agent->port->link(1);
  agent->running = 0;
  agent->hooks = 0;
  run->status = code < 0 ? ASSAY_ENGINE : code > 0 ? ASSAY_NEEDS_INPUT : ASSAY_OK;
  run->valid = 1;

  uint8_t bytes[72]; /* eight fields at their longest take 66 */
  assay_pb_writer out = {bytes, bytes + sizeof bytes, 0};
  write_done(run, &out);
  assay_send(agent, ASSAY_KIND_EVT, ASSAY_MESSAGE_DONE,
             agent->event_seq++ | (uint32_t)agent->events_dropped << 16, bytes, (uint32_t)(out.at - bytes));
  if ((run->flags & ASSAY_INVOKE_PUSH) && run->status != ASSAY_ENGINE) push_outputs(agent, model);
}
