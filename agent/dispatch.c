/* From bytes to handlers: which frame goes where, and the rules of requests (rising ids, one replayed
 * answer). */
#include <string.h>

#include "core.h"

/* Two agents in one program would each answer half of the host's frames. The linker names this symbol first:
 * link either assay.c or the library, once. */
extern const char assay_agent_is_linked_twice__link_it_once;
const char assay_agent_is_linked_twice__link_it_once = 1;

assay_agent assay_the_agent;

static const assay_request table[] = {
    {ASSAY_MESSAGE_OPEN, assay_open},
    {ASSAY_MESSAGE_CLOSE, assay_close},
    {ASSAY_MESSAGE_READ, assay_read},
    {ASSAY_MESSAGE_MODEL_INFO, assay_model_info},
    {ASSAY_MESSAGE_TENSOR, assay_tensor_info},
    {ASSAY_MESSAGE_INVOKE, assay_invoke},
    {ASSAY_MESSAGE_RESULT, assay_result},
    {ASSAY_MESSAGE_OP_PAGE, assay_op_page},
    {ASSAY_MESSAGE_MEMORY, assay_memory},
    {ASSAY_MESSAGE_OP_NAMES, assay_op_names},
    {0, NULL},
};

void assay_send(assay_agent* agent, uint8_t kind, uint8_t detail, uint32_t word, const uint8_t* payload,
                uint32_t size) {
  assay_frame frame;
  frame.kind = kind;
  frame.detail = detail;
  frame.session = agent->session;
  frame.word = word;
  frame.payload = payload;
  frame.size = (uint16_t)size;
  assay_frame_send(&frame, agent->port->tx);
}

static assay_handler find(const assay_request* request, uint8_t message) {
  for (; request && request->message; ++request) {
    if (request->message == message) return request->handler;
  }
  return NULL;
}

static uint8_t handle(assay_agent* agent, const assay_frame* frame, assay_pb_writer* out) {
  uint32_t values[ASSAY_REQUEST_FIELDS];
  if (!assay_pb_read(frame->payload, frame->size, values, ASSAY_REQUEST_FIELDS)) return ASSAY_BAD_MESSAGE;
  if (frame->detail == ASSAY_MESSAGE_RESET) {
    if (!agent->port->reset) return ASSAY_ABSENT;
    agent->after = ASSAY_AFTER_RESET;
    return ASSAY_OK;
  }
  assay_handler handler = find(table, frame->detail);
  if (!handler) handler = find(agent->timing_requests, frame->detail);
  if (!handler) handler = find(agent->tap_requests, frame->detail);
  if (handler) return handler(agent, values, out);
  return frame->detail >= ASSAY_MESSAGE_TIMING && frame->detail <= ASSAY_MESSAGE_READ_TAP
             ? ASSAY_ABSENT
             : ASSAY_UNKNOWN_MESSAGE;
}

static void send_reply(assay_agent* agent) {
  const assay_reply* reply = &agent->reply;
  assay_send(agent, ASSAY_KIND_RESP, reply->message, reply->id | (uint32_t)reply->status << 16,
             reply->payload, reply->size);
}

static void do_after(assay_agent* agent) {
  const uint8_t after = agent->after;
  agent->after = ASSAY_AFTER_NOTHING;
  if (after == ASSAY_AFTER_RUN) assay_execute(agent);
  if (after == ASSAY_AFTER_DATA)
    assay_send_data(agent, ASSAY_DATA_READ, (uint8_t)agent->reply.id, &agent->download);
  if (after == ASSAY_AFTER_RESET) agent->port->reset();
}

static void serve(assay_agent* agent, const assay_frame* frame) {
  assay_reply* reply = &agent->reply;
  const uint16_t id = (uint16_t)frame->word;
  if (reply->valid && (int16_t)(id - reply->id) <= 0) {
    if (id == reply->id) send_reply(agent); /* the answer was lost: never execute twice */
    return;                                 /* older: a stale duplicate */
  }
  assay_pb_writer out = {reply->payload, reply->payload + sizeof reply->payload, 0};
  reply->id = id;
  reply->message = frame->detail;
  reply->status = handle(agent, frame, &out);
  if (out.overflow) reply->status = ASSAY_LIMIT;
  reply->size = reply->status == ASSAY_OK ? (uint16_t)(out.at - reply->payload) : 0;
  reply->valid = 1;
  send_reply(agent);
  do_after(agent);
}

void assay_dispatch(assay_agent* agent, const assay_frame* frame) {
  if (frame->kind == ASSAY_KIND_HELLO) {
    assay_greet(agent, frame);
  } else if (frame->kind == ASSAY_KIND_REQ || frame->kind == ASSAY_KIND_DATA) {
    if (!agent->session || frame->session != agent->session) {
      assay_refuse_session(agent, frame);
    } else if (frame->kind == ASSAY_KIND_REQ) {
      serve(agent, frame);
    } else {
      assay_accept_data(agent, frame);
    }
  } /* the other kinds go to the host only: an echo of our own is dropped */
}

void assay_init(const assay_port* port, const assay_model* models, uint8_t model_count) {
  assay_agent* agent = &assay_the_agent;
  memset(agent, 0, sizeof *agent);
  agent->port = port;
  agent->models = models;
  agent->model_count = model_count;
  if (port->stack_low) assay_stack(port->stack_low, port->stack_high);
}

void assay_poll(void) {
  assay_agent* agent = &assay_the_agent;
  uint8_t bytes[32];
  size_t count;
  if (agent->running) return; /* called from inside a run */
  while ((count = agent->port->rx(bytes, sizeof bytes)) > 0) {
    for (size_t i = 0; i < count; ++i) {
      assay_frame frame;
      const assay_frame_event event = assay_decoder_feed(&agent->decoder, bytes[i], &frame);
      if (event == ASSAY_FRAME_OK) assay_dispatch(agent, &frame);
      /* What was lost may have been DATA: say where we stand, so that the sender need not wait for its timer.
       */
      if (event >= ASSAY_FRAME_BAD && agent->transfer.tensor) assay_acknowledge(agent);
    }
  }
  assay_ticks(agent); /* keeps the 64-bit extension alive between runs */
}
