/* HELLO and BOARD: who is on the line. A session is the pair of the host's nonce and this boot. */
#include <string.h>

#include "core.h"

enum { HELLO_NONCE, HELLO_PROTO_MIN, HELLO_PROTO_MAX, HELLO_RESUME, HELLO_FIELDS };

static uint16_t session_of(uint32_t nonce, uint32_t boot_id) {
  uint8_t key[8];
  for (int i = 0; i < 4; ++i) {
    key[i] = (uint8_t)(nonce >> (8 * i));
    key[4 + i] = (uint8_t)(boot_id >> (8 * i));
  }
  const uint16_t session = (uint16_t)assay_crc32(0, key, sizeof key);
  return session ? session : 1;
}

static uint32_t features_of(const assay_agent* agent) {
  const assay_port* port = agent->port;
  return (port->tick ? ASSAY_FEATURE_TICKS : 0u) | (port->op_records && port->tick ? ASSAY_FEATURE_OPS : 0u) |
         (port->marker ? ASSAY_FEATURE_MARKER : 0u) | (port->link ? ASSAY_FEATURE_QUIET : 0u) |
         (agent->stack_low ? ASSAY_FEATURE_STACK : 0u) | (port->reset ? ASSAY_FEATURE_RESET : 0u) |
         (port->static_bytes ? ASSAY_FEATURE_STATIC : 0u) | (agent->spans ? ASSAY_FEATURE_SPANS : 0u) |
         (agent->taps.buffer ? ASSAY_FEATURE_TAPS : 0u) | (agent->observed ? ASSAY_FEATURE_OBSERVE : 0u);
}

static void send_board(assay_agent* agent, int resumed, uint8_t refused) {
  const assay_port* port = agent->port;
  /* HELLO was read, so the staging buffer is free; the reply buffer is not, it may be replayed. */
  uint8_t* bytes = agent->decoder.bytes;
  assay_pb_writer out = {bytes, bytes + ASSAY_MTU, 0};
  assay_pb_uint(&out, 1, ASSAY_PROTO_VERSION);
  assay_pb_uint(&out, 2, port->boot_id);
  assay_pb_uint(&out, 3, port->reset_cause);
  assay_pb_uint(&out, 4, features_of(agent));
  assay_pb_uint(&out, 5, ASSAY_MTU);
  assay_pb_uint(&out, 6, port->rx_window ? port->rx_window : ASSAY_MTU + 16u);
  assay_pb_string(&out, 7, port->board, ASSAY_BOARD_NAME_MAX);
  assay_pb_bytes(&out, 8, port->build_id, sizeof port->build_id);
  assay_pb_bytes(&out, 9, port->unit_id, sizeof port->unit_id);
  assay_pb_uint(&out, 10, port->core_clock_hz);
  assay_pb_uint(&out, 11, port->tick_hz);
  assay_pb_uint(&out, 12, port->tick ? (uint32_t)port->clock : 0u);
  assay_pb_uint(&out, 13, port->tick_numerator);
  assay_pb_uint(&out, 14, port->tick_denominator);
  assay_pb_uint(&out, 15, port->emulated ? 1u : 0u);
  assay_pb_uint(&out, 16, ASSAY_SCHEMA_HASH);
  assay_pb_uint(&out, 17, agent->model_count);
  assay_pb_uint(&out, 18, resumed ? 1u : 0u);
  assay_send(agent, ASSAY_KIND_BOARD, refused, 0, bytes, (uint32_t)(out.at - bytes));
}

void assay_greet(assay_agent* agent, const assay_frame* frame) {
  uint32_t values[HELLO_FIELDS];
  if (!assay_pb_read(frame->payload, frame->size, values, HELLO_FIELDS)) return;
  const int resumed = agent->session && agent->nonce == values[HELLO_NONCE];
  const int foreign =
      values[HELLO_PROTO_MIN] > ASSAY_PROTO_VERSION || values[HELLO_PROTO_MAX] < ASSAY_PROTO_VERSION;
  if (foreign || (values[HELLO_RESUME] && !resumed)) {
    const uint16_t kept = agent->session; /* no session for this host; another host keeps its own */
    agent->session = 0;
    send_board(agent, 0, kept ? ASSAY_ERR_OTHER_SESSION : ASSAY_ERR_NO_SESSION);
    agent->session = kept;
    return;
  }
  if (!resumed) {
    agent->nonce = values[HELLO_NONCE];
    agent->session = session_of(agent->nonce, agent->port->boot_id);
    agent->reply.valid = 0;
    agent->run.valid = 0;
    agent->event_seq = agent->events_dropped = 0;
    memset(&agent->transfer, 0, sizeof agent->transfer);
  }
  send_board(agent, resumed, 0);
}

void assay_refuse_session(assay_agent* agent, const assay_frame* frame) {
  uint8_t boot_id[4];
  for (int i = 0; i < 4; ++i) boot_id[i] = (uint8_t)(agent->port->boot_id >> (8 * i));
  assay_send(agent, ASSAY_KIND_ERR, agent->session ? ASSAY_ERR_OTHER_SESSION : ASSAY_ERR_NO_SESSION,
             frame->session, boot_id, sizeof boot_id);
}

void assay_log(uint8_t level, const char* text) {
  assay_agent* agent = &assay_the_agent;
  uint8_t bytes[96]; /* on the stack: the line is short and no buffer is free here */
  assay_pb_writer out = {bytes, bytes + sizeof bytes, 0};
  /* During a run the line is silent, so that I/O disturbs no figure. */
  if (!agent->session || agent->running) {
    if (agent->events_dropped != 0xFFFF) ++agent->events_dropped;
    return;
  }
  assay_pb_uint(&out, 1, level);
  assay_pb_string(&out, 2, text, sizeof bytes - 6);
  assay_send(agent, ASSAY_KIND_EVT, ASSAY_MESSAGE_LOG,
             agent->event_seq++ | (uint32_t)agent->events_dropped << 16, bytes, (uint32_t)(out.at - bytes));
}

uint16_t assay_session(void) { return assay_the_agent.session; }
