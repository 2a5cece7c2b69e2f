/* assay.c: the Assay agent, made by agent/amalgamate.py of the Assay sources; change those, not this file.
 * SPDX-License-Identifier: Apache-2.0 */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wextra"
#endif
#include "assay.h"

/* ---- agent/dispatch.c ---- */
/* From bytes to handlers: which frame goes where, and the rules of requests (rising ids, one replayed
 * answer). */
#include <string.h>


/* ---- agent/core.h ---- */
/* The agent's whole state, and the seams between its files. Not for users: assay.h is the interface.
 *
 * To add a request: its message in protocol/assay.proto, a handler with the type assay_handler, one line in
 * the table in dispatch.c (of a feature that not every firmware has: in the table that its assay_use_...
 * plants, as in taps.c). A handler decodes with the values it is given, writes its answer through `out` and
 * returns a status; what must happen after the answer went out (a run, data, a reset) it leaves in `after`.
 */
#ifndef ASSAY_AGENT_CORE_H
#define ASSAY_AGENT_CORE_H


/* ---- agent/frame.h ---- */
/* Frames on the line: 00 | COBS(header, payload, CRC-32) | 00. The format is told in protocol/frame.md.
 *
 * A frame is decoded into one staging buffer and shown only after its CRC was right, so bytes that did not
 * pass never reach a tensor. Shared by every stream; knows nothing of sessions. */
#ifndef ASSAY_AGENT_FRAME_H
#define ASSAY_AGENT_FRAME_H


/* ---- protocol/bounds.h ---- */
/* The device's bounds of the schema, for both sides. Raise one here and every implementation follows.
 *
 * ASSAY_MTU itself is per firmware (assay.h) and travels in BOARD; the messages below fit MTU 128 except
 * where noted. */
#ifndef ASSAY_PROTOCOL_BOUNDS_H
#define ASSAY_PROTOCOL_BOUNDS_H

/* Tests build agents of other versions. */
#ifndef ASSAY_PROTO_VERSION
#define ASSAY_PROTO_VERSION 1
#endif
/* CRC-32 of assay.proto without comments and white space; tests/link checks it. */
#define ASSAY_SCHEMA_HASH 0x1446884Cu

#define ASSAY_FRAME_HEADER 8
#define ASSAY_FRAME_CRC 4
#define ASSAY_FIRST_FRAME_MAX 128 /* host frames on the line before BOARD told the MTU */
#define ASSAY_MTU_MIN 128
#define ASSAY_MTU_MAX 4096

#define ASSAY_BOARD_NAME_MAX 23
#define ASSAY_MODEL_NAME_MAX 31
#define ASSAY_ENGINE_NAME_MAX 15
#define ASSAY_HASH_MAX 64 /* ModelInfo needs at most 142 bytes: MTU 128 firmware sends a NULL hash */
#define ASSAY_TENSOR_NAME_MAX 47
#define ASSAY_RANK_MAX 6
#define ASSAY_OP_NAME_MAX 47
#define ASSAY_OP_PAGE 8
#define ASSAY_BINS_PER_OCTAVE 8
#define ASSAY_BIN_PAGE 24 /* five bytes a count at their longest: fits MTU 128 */
#define ASSAY_REQUEST_FIELDS 7
#define ASSAY_TRANSFER_MAX 0xFFFFFFu /* offsets have 24 bits */

#endif

#ifdef __cplusplus
extern "C" {
#endif

enum {
  ASSAY_KIND_HELLO = 1,
  ASSAY_KIND_BOARD = 2,
  ASSAY_KIND_REQ = 3,
  ASSAY_KIND_RESP = 4,
  ASSAY_KIND_DATA = 5,
  ASSAY_KIND_ACK = 6,
  ASSAY_KIND_EVT = 7,
  ASSAY_KIND_ERR = 8
};

typedef struct assay_frame {
  uint8_t kind;
  uint8_t detail; /* REQ/RESP/EVT message number, DATA flags, ACK credit, ERR reason */
  uint16_t session;
  uint32_t word;
  const uint8_t* payload;
  uint16_t size;
} assay_frame;

/* What a byte did to the decoder. Everything from ASSAY_FRAME_BAD on is a rejected frame. */
typedef enum assay_frame_event {
  ASSAY_FRAME_NONE = 0,
  ASSAY_FRAME_OK,
  ASSAY_FRAME_BAD,
  ASSAY_FRAME_TRUNCATED = ASSAY_FRAME_BAD, /* a delimiter inside a COBS block */
  ASSAY_FRAME_SHORT,                       /* no room for header and CRC */
  ASSAY_FRAME_LONG,                        /* more than the MTU */
  ASSAY_FRAME_CRC_WRONG,
  ASSAY_FRAME_VERSION /* CRC right, but the first byte is of another framing version or unknown kind */
} assay_frame_event;

typedef struct assay_decoder {
  uint16_t size;
  uint8_t left; /* bytes of the current COBS block to come */
  uint8_t code; /* its code byte; 0: the frame has not begun */
  uint8_t overflow;
  uint8_t bytes[ASSAY_FRAME_HEADER + ASSAY_MTU + ASSAY_FRAME_CRC];
} assay_decoder;

/* zlib's CRC-32; start with 0, pass the last result to go on. */
uint32_t assay_crc32(uint32_t crc, const void* bytes, size_t count);

/* `frame` is written on ASSAY_FRAME_OK only; its payload lies in the decoder until the next byte is fed. */
assay_frame_event assay_decoder_feed(assay_decoder* decoder, uint8_t byte, assay_frame* frame);

/* Encodes and sends in chunks; needs no buffer of the frame's size. */
void assay_frame_send(const assay_frame* frame, void (*tx)(const uint8_t* bytes, size_t count));

#ifdef __cplusplus
}
#endif
#endif

/* ---- agent/pb.h ---- */
/* The Protocol Buffers wire format, as much as the agent's messages need: its own codec, because a general
 * one costs 6 to 8 KB and collides with firmware that already links it. Proved against Google's by
 * tests/link/pb_test.cpp.
 *
 * Difference to Google's parser: groups (wire types 3 and 4) are refused instead of skipped. */
#ifndef ASSAY_AGENT_PB_H
#define ASSAY_AGENT_PB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes proto3 fields; zero values and empty strings are left out, as proto3 does. After an overflow nothing
 * more is written and `overflow` stays 1. */
typedef struct assay_pb_writer {
  uint8_t* at;
  uint8_t* end;
  uint8_t overflow;
} assay_pb_writer;

void assay_pb_uint(assay_pb_writer* writer, uint8_t field, uint32_t value);
void assay_pb_uint64(assay_pb_writer* writer, uint8_t field, uint64_t value);
void assay_pb_sint(assay_pb_writer* writer, uint8_t field, int32_t value);
void assay_pb_float(assay_pb_writer* writer, uint8_t field, float value);
void assay_pb_bytes(assay_pb_writer* writer, uint8_t field, const void* bytes, size_t count);
/* At most `limit` characters, cut between UTF-8 characters; NULL counts as empty. */
void assay_pb_string(assay_pb_writer* writer, uint8_t field, const char* text, size_t limit);
/* An element of a packed repeated field between open and close; the field must stay below 128 bytes. */
uint8_t* assay_pb_open(assay_pb_writer* writer, uint8_t field);
void assay_pb_varint(assay_pb_writer* writer, uint64_t value);
void assay_pb_close(assay_pb_writer* writer, uint8_t* opened);

/* Reads the uint32 fields 1..count of a message into values[0..count-1], absent ones as 0; a field of another
 * number or wire type is skipped, the last of several wins. Returns 0 when the bytes are malformed, else 1.
 */
int assay_pb_read(const uint8_t* bytes, size_t size, uint32_t* values, uint32_t count);

#ifdef __cplusplus
}
#endif
#endif

/* ---- agent/schema.h ---- */
/* Numbers of protocol/assay.proto that the agent uses; the tests hold them against the generated code. */
#ifndef ASSAY_AGENT_SCHEMA_H
#define ASSAY_AGENT_SCHEMA_H

enum {
  ASSAY_MESSAGE_OPEN = 1,
  ASSAY_MESSAGE_CLOSE,
  ASSAY_MESSAGE_READ,
  ASSAY_MESSAGE_MODEL_INFO,
  ASSAY_MESSAGE_TENSOR,
  ASSAY_MESSAGE_INVOKE,
  ASSAY_MESSAGE_RESULT,
  ASSAY_MESSAGE_OP_PAGE,
  ASSAY_MESSAGE_MEMORY,
  ASSAY_MESSAGE_RESET,
  ASSAY_MESSAGE_LOG,
  ASSAY_MESSAGE_DONE,
  ASSAY_MESSAGE_OP_NAMES,
  ASSAY_MESSAGE_TIMING,
  ASSAY_MESSAGE_BINS,
  ASSAY_MESSAGE_CLEAR_TIMINGS,
  ASSAY_MESSAGE_SET_DEADLINE,
  ASSAY_MESSAGE_SELECT_TAP,
  ASSAY_MESSAGE_READ_TAP
};

enum {
  ASSAY_OK = 0,
  ASSAY_UNKNOWN_MESSAGE,
  ASSAY_BAD_MESSAGE,
  ASSAY_NOT_FOUND,
  ASSAY_LIMIT,
  ASSAY_NOT_OPEN,
  ASSAY_INCOMPLETE,
  ASSAY_BAD_CRC,
  ASSAY_ABSENT,
  ASSAY_STALE,
  ASSAY_ENGINE,
  ASSAY_NEEDS_INPUT,
  ASSAY_BAD_TENSOR,
  ASSAY_TAP_MISSED,
  ASSAY_TAP_TOO_LARGE,
  ASSAY_TAP_OUTSIDE
};

enum { ASSAY_TENSOR_FINE = 0, ASSAY_TENSOR_NO_DATA, ASSAY_TENSOR_MISALIGNED };

enum { ASSAY_TIMING_OF_SPAN = 0, ASSAY_TIMING_OF_MODEL };

enum {
  ASSAY_FEATURE_TICKS = 1,
  ASSAY_FEATURE_OPS = 2,
  ASSAY_FEATURE_MARKER = 4,
  ASSAY_FEATURE_QUIET = 8,
  ASSAY_FEATURE_STACK = 16,
  ASSAY_FEATURE_RESET = 32,
  ASSAY_FEATURE_STATIC = 64,
  ASSAY_FEATURE_SPANS = 128,
  ASSAY_FEATURE_TAPS = 256,
  ASSAY_FEATURE_OBSERVE = 512
};

enum { ASSAY_INVOKE_OPS = 1, ASSAY_INVOKE_PUSH = 2, ASSAY_INVOKE_QUIET = 4, ASSAY_INVOKE_RESET_STATE = 8 };

/* Byte 1 of a DATA frame. A pushed output has its index in the upper six bits. */
enum { ASSAY_DATA_UPLOAD = 0, ASSAY_DATA_READ = 1, ASSAY_DATA_PUSHED = 2 };

/* Byte 1 of an ERR frame, and of a BOARD that grants no session. */
enum { ASSAY_ERR_NO_SESSION = 1, ASSAY_ERR_OTHER_SESSION = 2 };

#endif

typedef struct assay_transfer {
  const assay_tensor* tensor; /* NULL: none */
  uint32_t next;              /* bytes that are in place */
  uint8_t id;
} assay_transfer;

typedef struct assay_run {
  uint64_t ticks, ticks_min, ticks_max;
  uint32_t generation; /* of the last Invoke; 0: none since boot */
  uint32_t asked, done;
  int32_t engine_code;
  uint16_t id;   /* of the Invoke request */
  uint8_t valid; /* id and the figures belong to this session */
  uint8_t status;
  uint8_t model;
  uint8_t flags;
} assay_run;

typedef struct assay_clock {
  uint32_t last;
  uint32_t high;
} assay_clock;

typedef struct assay_download {
  const uint8_t* from;
  uint32_t offset, bytes;
} assay_download;

typedef struct assay_taps {
  uint8_t* buffer;     /* NULL: absent */
  uint32_t room;       /* bytes of it */
  uint32_t generation; /* of the run whose tensor it holds; 0: of none */
  uint32_t bytes;      /* of that tensor, also when it is larger than the room */
  uint16_t op;
  uint8_t model;
  uint8_t selected; /* 1: model and op mean something */
  uint8_t outside;  /* the tap was called while the host had no run going */
} assay_taps;

typedef enum assay_after {
  ASSAY_AFTER_NOTHING = 0,
  ASSAY_AFTER_RUN,
  ASSAY_AFTER_DATA,
  ASSAY_AFTER_RESET
} assay_after;

/* The last answer, kept for a repeated request. */
typedef struct assay_reply {
  uint16_t id;
  uint16_t size;
  uint8_t valid;
  uint8_t message;
  uint8_t status;
  uint8_t payload[ASSAY_MTU];
} assay_reply;

typedef struct assay_agent assay_agent;
typedef uint8_t (*assay_handler)(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);

typedef struct assay_request {
  uint8_t message; /* 0 ends a table */
  assay_handler handler;
} assay_request;

struct assay_agent {
  const assay_port* port;
  const assay_model* models;
  /* Requests of features that the firmware uses: the linker drops the others with their code. */
  const assay_request* timing_requests;
  const assay_request* tap_requests;
  uint64_t op_start;
  uint8_t *stack_low, *stack_high; /* low NULL: absent */
  assay_timing *spans, *observed;  /* NULL: absent */
  assay_taps taps;
  assay_run run;
  assay_clock clock;
  assay_transfer transfer;
  assay_download download;
  uint32_t nonce;
  uint16_t session; /* 0: none since boot */
  uint16_t event_seq;
  uint16_t events_dropped;
  uint8_t model_count;
  uint8_t span_count;
  uint8_t running;
  uint8_t hooks;
  uint8_t after; /* assay_after */
  assay_reply reply;
  assay_decoder decoder;
};

extern assay_agent assay_the_agent;

/* dispatch.c */
void assay_dispatch(assay_agent* agent, const assay_frame* frame);
void assay_send(assay_agent* agent, uint8_t kind, uint8_t detail, uint32_t word, const uint8_t* payload,
                uint32_t size);
/* session.c */
void assay_greet(assay_agent* agent, const assay_frame* frame);
void assay_refuse_session(assay_agent* agent, const assay_frame* frame);
/* transfer.c */
uint8_t assay_open(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
uint8_t assay_close(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
uint8_t assay_read(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
uint8_t assay_commit(const assay_agent* agent, uint32_t transfer, uint32_t crc);
void assay_accept_data(assay_agent* agent, const assay_frame* frame);
void assay_acknowledge(assay_agent* agent);
void assay_send_data(assay_agent* agent, uint8_t flags, uint8_t transfer, const assay_download* what);
/* model.c */
uint8_t assay_model_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
uint8_t assay_tensor_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
uint8_t assay_op_names(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
/* ASSAY_TENSOR_...: why its buffer cannot be used. */
uint8_t assay_tensor_fault(const assay_tensor* tensor);
/* run.c */
uint8_t assay_invoke(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
uint8_t assay_result(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
void assay_execute(assay_agent* agent);
/* ops.c */
uint8_t assay_op_page(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);
void assay_ops_clear(assay_agent* agent);
uint64_t assay_ticks(assay_agent* agent);
/* memory.c */
uint8_t assay_memory(assay_agent* agent, const uint32_t* values, assay_pb_writer* out);

#endif

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

/* ---- agent/frame.c ---- */


#define FRAMING_VERSION 1u /* the two top bits of a frame's first byte */
#define COBS_BLOCK 254u

uint32_t assay_crc32(uint32_t crc, const void* bytes, size_t count) {
  /* By nibbles: 64 bytes of table and about 10 instructions a byte on M4. */
  static const uint32_t table[16] = {
      0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
      0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu};
  const uint8_t* at = (const uint8_t*)bytes;
  crc = ~crc;
  while (count--) {
    crc ^= *at++;
    crc = (crc >> 4) ^ table[crc & 15u];
    crc = (crc >> 4) ^ table[crc & 15u];
  }
  return ~crc;
}

static uint32_t load32(const uint8_t* from) {
  return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static void store32(uint8_t* to, uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = (uint8_t)(value >> (8 * i));
}

static assay_frame_event finish(assay_decoder* decoder, assay_frame* frame) {
  const uint16_t size = decoder->size;
  const uint8_t* bytes = decoder->bytes;
  if (decoder->overflow) return ASSAY_FRAME_LONG;
  if (decoder->left) return ASSAY_FRAME_TRUNCATED;
  if (size < ASSAY_FRAME_HEADER + ASSAY_FRAME_CRC) return ASSAY_FRAME_SHORT;
  const uint16_t covered = (uint16_t)(size - ASSAY_FRAME_CRC);
  if (assay_crc32(0, bytes, covered) != load32(bytes + covered)) return ASSAY_FRAME_CRC_WRONG;
  const uint8_t kind = bytes[0] & 0x3Fu;
  if (bytes[0] >> 6 != FRAMING_VERSION || kind < ASSAY_KIND_HELLO || kind > ASSAY_KIND_ERR)
    return ASSAY_FRAME_VERSION;
  frame->kind = kind;
  frame->detail = bytes[1];
  frame->session = (uint16_t)(bytes[2] | bytes[3] << 8);
  frame->word = load32(bytes + 4);
  frame->payload = bytes + ASSAY_FRAME_HEADER;
  frame->size = (uint16_t)(covered - ASSAY_FRAME_HEADER);
  return ASSAY_FRAME_OK;
}

static void append(assay_decoder* decoder, uint8_t byte) {
  if (decoder->size < sizeof decoder->bytes) {
    decoder->bytes[decoder->size++] = byte;
  } else {
    decoder->overflow = 1;
  }
}

assay_frame_event assay_decoder_feed(assay_decoder* decoder, uint8_t byte, assay_frame* frame) {
  if (byte == 0) {
    /* Delimiters may stand side by side. */
    const assay_frame_event event = decoder->code ? finish(decoder, frame) : ASSAY_FRAME_NONE;
    decoder->size = 0;
    decoder->left = decoder->code = decoder->overflow = 0;
    return event;
  }
  if (decoder->left) {
    --decoder->left;
    append(decoder, byte);
  } else {
    if (decoder->code && decoder->code != 0xFF) append(decoder, 0);
    decoder->code = byte;
    decoder->left = (uint8_t)(byte - 1);
  }
  return ASSAY_FRAME_NONE;
}

typedef struct sender {
  void (*tx)(const uint8_t* bytes, size_t count);
  const uint8_t* payload;
  uint16_t payload_size;
  uint8_t filled;
  uint8_t header[ASSAY_FRAME_HEADER];
  uint8_t crc[ASSAY_FRAME_CRC];
  uint8_t chunk[48]; /* so that a port gets few calls */
} sender;

static void emit(sender* s, uint8_t byte) {
  s->chunk[s->filled++] = byte;
  if (s->filled == sizeof s->chunk) {
    s->tx(s->chunk, s->filled);
    s->filled = 0;
  }
}

static uint8_t byte_at(const sender* s, uint32_t index) {
  if (index < ASSAY_FRAME_HEADER) return s->header[index];
  index -= ASSAY_FRAME_HEADER;
  return index < s->payload_size ? s->payload[index] : s->crc[index - s->payload_size];
}

static void send_cobs(sender* s, uint32_t size) {
  uint32_t begin = 0;
  for (;;) {
    uint32_t end = begin;
    while (end < size && end - begin < COBS_BLOCK && byte_at(s, end)) ++end;
    emit(s, (uint8_t)(end - begin + 1));
    for (uint32_t i = begin; i < end; ++i) emit(s, byte_at(s, i));
    if (end == size) return;
    begin = end - begin == COBS_BLOCK ? end : end + 1; /* a full block stands for no zero */
  }
}

void assay_frame_send(const assay_frame* frame, void (*tx)(const uint8_t* bytes, size_t count)) {
  sender s;
  s.tx = tx;
  s.payload = frame->payload;
  s.payload_size = frame->size;
  s.filled = 0;
  s.header[0] = (uint8_t)(FRAMING_VERSION << 6 | frame->kind);
  s.header[1] = frame->detail;
  s.header[2] = (uint8_t)frame->session;
  s.header[3] = (uint8_t)(frame->session >> 8);
  store32(s.header + 4, frame->word);
  store32(s.crc, assay_crc32(assay_crc32(0, s.header, sizeof s.header), frame->payload, frame->size));
  emit(&s, 0);
  send_cobs(&s, (uint32_t)ASSAY_FRAME_HEADER + frame->size + ASSAY_FRAME_CRC);
  emit(&s, 0);
  if (s.filled) tx(s.chunk, s.filled);
}

/* ---- agent/memory.c ---- */
/* RAM: what is planned, and what was touched. The stack is painted at start; the deepest byte that lost its
 * paint is the mark. A frame that reserves bytes without writing them hides below it. */

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

/* ---- agent/model.c ---- */
/* What the firmware says of its models. */

enum { TENSOR_MODEL, TENSOR_OUTPUT, TENSOR_INDEX };
enum { NAMES_MODEL, NAMES_FIRST };

uint8_t assay_model_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[0] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[0]];
  assay_pb_string(out, 1, model->name, ASSAY_MODEL_NAME_MAX);
  assay_pb_string(out, 2, model->engine, ASSAY_ENGINE_NAME_MAX);
  assay_pb_string(out, 3, model->hash, ASSAY_HASH_MAX);
  assay_pb_uint(out, 4, model->input_count);
  assay_pb_uint(out, 5, model->output_count);
  assay_pb_uint(out, 6, model->op_count);
  assay_pb_uint(out, 7, model->arena_bytes);
  assay_pb_uint(out, 8, model->op_names ? 1u : 0u);
  assay_pb_uint(out, 9, model->run ? 0u : 1u);
  return ASSAY_OK;
}

uint8_t assay_op_names(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[NAMES_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[NAMES_MODEL]];
  if (!model->op_names) return ASSAY_ABSENT;
  if (values[NAMES_FIRST] >= model->op_count) return ASSAY_NOT_FOUND;
  assay_pb_uint(out, 1, model->op_count);
  for (uint32_t i = values[NAMES_FIRST]; i < model->op_count; ++i) {
    uint8_t* before = out->at;
    const char* name = model->op_names[i];
    if (name && *name) {
      assay_pb_string(out, 2, name, ASSAY_OP_NAME_MAX);
    } else {
      assay_pb_open(out, 2); /* an empty element is an element too */
    }
    if (out->overflow) { /* the rest goes into the next answer */
      out->at = before;
      out->overflow = 0;
      break;
    }
  }
  return ASSAY_OK;
}

uint8_t assay_tensor_fault(const assay_tensor* tensor) {
  static const uint8_t element_bytes[] = {4, 1, 1, 2, 4, 1, 8}; /* by assay_type */
  if (!tensor->data) return ASSAY_TENSOR_NO_DATA;
  if ((unsigned)tensor->type < sizeof element_bytes &&
      ((uintptr_t)tensor->data & (element_bytes[tensor->type] - 1u)))
    return ASSAY_TENSOR_MISALIGNED;
  return ASSAY_TENSOR_FINE;
}

uint8_t assay_tensor_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[TENSOR_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[TENSOR_MODEL]];
  const int output = values[TENSOR_OUTPUT] != 0;
  if (values[TENSOR_INDEX] >= (output ? model->output_count : model->input_count)) return ASSAY_NOT_FOUND;
  const assay_tensor* tensor = (output ? model->outputs : model->inputs) + values[TENSOR_INDEX];
  assay_pb_string(out, 1, tensor->name, ASSAY_TENSOR_NAME_MAX);
  assay_pb_uint(out, 2, (uint32_t)tensor->type);
  if (tensor->rank) {
    uint8_t* dims = assay_pb_open(out, 3);
    for (uint8_t i = 0; i < tensor->rank && i < ASSAY_MAX_RANK; ++i) assay_pb_varint(out, tensor->dims[i]);
    assay_pb_close(out, dims);
  }
  assay_pb_float(out, 4, tensor->scale);
  assay_pb_sint(out, 5, tensor->zero_point);
  assay_pb_uint(out, 6, tensor->bytes);
  assay_pb_uint(out, 7, assay_tensor_fault(tensor));
  return ASSAY_OK;
}

/* ---- agent/ops.c ---- */
/* Time of each operator. The board's 32-bit counter is extended to 64 bits at every operator, so only one
 * operator that outlasts the whole counter would go unseen. */

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

/* ---- agent/pb.c ---- */


enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static void put(assay_pb_writer* writer, uint8_t byte) {
  if (writer->at == writer->end) {
    writer->overflow = 1;
  } else {
    *writer->at++ = byte;
  }
}

void assay_pb_varint(assay_pb_writer* writer, uint64_t value) {
  while (value >= 0x80) {
    put(writer, (uint8_t)(value | 0x80));
    value >>= 7;
  }
  put(writer, (uint8_t)value);
}

static void put_tag(assay_pb_writer* writer, uint8_t field, uint8_t type) {
  assay_pb_varint(writer, (uint32_t)field << 3 | type);
}

void assay_pb_uint(assay_pb_writer* writer, uint8_t field, uint32_t value) {
  assay_pb_uint64(writer, field, value); /* most values have 32 bits: callers are smaller for it */
}

void assay_pb_uint64(assay_pb_writer* writer, uint8_t field, uint64_t value) {
  if (!value) return;
  put_tag(writer, field, WIRE_VARINT);
  assay_pb_varint(writer, value);
}

void assay_pb_sint(assay_pb_writer* writer, uint8_t field, int32_t value) {
  const uint32_t bits = (uint32_t)value;
  assay_pb_uint(writer, field, (bits << 1) ^ (value < 0 ? 0xFFFFFFFFu : 0u));
}

void assay_pb_float(assay_pb_writer* writer, uint8_t field, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (!bits) return;
  put_tag(writer, field, WIRE_FIXED32);
  for (int i = 0; i < 4; ++i) put(writer, (uint8_t)(bits >> (8 * i)));
}

void assay_pb_bytes(assay_pb_writer* writer, uint8_t field, const void* bytes, size_t count) {
  const uint8_t* from = (const uint8_t*)bytes;
  if (!count) return;
  put_tag(writer, field, WIRE_BYTES);
  assay_pb_varint(writer, count);
  while (count--) put(writer, *from++);
}

void assay_pb_string(assay_pb_writer* writer, uint8_t field, const char* text, size_t limit) {
  if (!text) return;
  size_t size = strlen(text);
  if (size > limit) {
    size = limit;
    while (size && ((uint8_t)text[size] & 0xC0) == 0x80) --size;
  }
  assay_pb_bytes(writer, field, text, size);
}

uint8_t* assay_pb_open(assay_pb_writer* writer, uint8_t field) {
  put_tag(writer, field, WIRE_BYTES);
  put(writer, 0);
  return writer->at;
}

void assay_pb_close(assay_pb_writer* writer, uint8_t* opened) {
  if (!writer->overflow) opened[-1] = (uint8_t)(writer->at - opened);
}

typedef struct reader {
  const uint8_t* at;
  const uint8_t* end;
} reader;

/* Bits above 32 are dropped, as Google's parser does for a uint32. Returns 0 when cut off or longer than
 * `most`. */
static int get_varint(reader* r, uint32_t* value, uint8_t most) {
  uint32_t result = 0;
  for (uint8_t i = 0; i < most; ++i) {
    if (r->at == r->end) return 0;
    const uint8_t byte = *r->at++;
    if (i < 5) result |= (uint32_t)(byte & 0x7F) << (7 * i);
    if (!(byte & 0x80)) {
      *value = result;
      return 1;
    }
  }
  return 0;
}

static int skip(reader* r, uint32_t count) {
  if (count > (uint32_t)(r->end - r->at)) return 0;
  r->at += count;
  return 1;
}

static int get_field(reader* r, uint32_t* number, uint32_t* value, uint8_t* type) {
  uint32_t tag, size;
  if (!get_varint(r, &tag, 5) || tag >> 3 == 0) return 0;
  *number = tag >> 3;
  *type = tag & 7;
  switch (*type) {
    case WIRE_VARINT:
      return get_varint(r, value, 10);
    case WIRE_FIXED64:
      return skip(r, 8);
    case WIRE_BYTES:
      return get_varint(r, &size, 5) && skip(r, size);
    case WIRE_FIXED32:
      return skip(r, 4);
    default:
      return 0;
  }
}

int assay_pb_read(const uint8_t* bytes, size_t size, uint32_t* values, uint32_t count) {
  reader r = {bytes, bytes + size};
  uint32_t number, value = 0;
  uint8_t type;
  for (uint32_t i = 0; i < count; ++i) values[i] = 0;
  while (r.at != r.end) {
    if (!get_field(&r, &number, &value, &type)) return 0;
    if (type == WIRE_VARINT && number <= count) values[number - 1] = value;
  }
  return 1;
}

/* ---- agent/run.c ---- */
/* Invoke: accepted first, then the line is silent, the runs happen, DONE follows; Result repeats what DONE
 * said. */

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

/* ---- agent/session.c ---- */
/* HELLO and BOARD: who is on the line. A session is the pair of the host's nonce and this boot. */


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

/* ---- agent/taps.c ---- */
/* The output of one operator, copied while it is there: the arena reuses its memory as soon as it may. */


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

/* ---- agent/timings.c ---- */
/* How long stages of the application and its own inferences take: distributions that live for hours, read by
 * the host a record and a page of bins at a time. */

enum { TIMING_OF, TIMING_INDEX, TIMING_VALUE };
enum { FIRST_OCTAVE_MIN = 3 }; /* 8 bins an octave need octaves of 8 ticks */

static assay_timing* records(assay_agent* agent, uint32_t of, uint32_t* total) {
  *total = of == ASSAY_TIMING_OF_SPAN ? agent->span_count : agent->model_count;
  return of == ASSAY_TIMING_OF_SPAN ? agent->spans : agent->observed;
}

/* The status, and the record when that is OK. */
static uint8_t timings_find(assay_agent* agent, const uint32_t* values, assay_timing** record, uint32_t* total) {
  if (values[TIMING_OF] > ASSAY_TIMING_OF_MODEL) return ASSAY_NOT_FOUND;
  assay_timing* first = records(agent, values[TIMING_OF], total);
  if (!first) return ASSAY_ABSENT;
  if (values[TIMING_INDEX] >= *total) return ASSAY_NOT_FOUND;
  *record = first + values[TIMING_INDEX];
  return ASSAY_OK;
}

static uint8_t timing_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  assay_timing* record;
  uint32_t total;
  const uint8_t status = timings_find(agent, values, &record, &total);
  if (status != ASSAY_OK) return status;
  const char* name = record->name;
  if (!name && values[TIMING_OF] == ASSAY_TIMING_OF_MODEL) name = agent->models[values[TIMING_INDEX]].name;
  assay_pb_string(out, 1, name, ASSAY_MODEL_NAME_MAX);
  assay_pb_uint(out, 2, total);
  assay_pb_uint(out, 3, record->count);
  assay_pb_uint64(out, 4, record->ticks);
  assay_pb_uint64(out, 5, record->ticks_min);
  assay_pb_uint64(out, 6, record->ticks_max);
  assay_pb_uint(out, 7, record->deadline_ticks);
  assay_pb_uint(out, 8, record->misses);
  assay_pb_uint(out, 9, record->bins ? record->bin_count : 0u);
  assay_pb_uint(out, 10, record->first_octave);
  assay_pb_uint64(out, 11, assay_ticks(agent));
  return ASSAY_OK;
}

static uint8_t timing_bins(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  assay_timing* record;
  uint32_t total, at = values[TIMING_VALUE];
  const uint8_t status = timings_find(agent, values, &record, &total);
  if (status != ASSAY_OK) return status;
  if (!record->bins) return ASSAY_ABSENT;
  if (at >= record->bin_count) return ASSAY_NOT_FOUND;
  uint8_t* opened = assay_pb_open(out, 1);
  for (uint32_t i = 0; i < ASSAY_BIN_PAGE && at < record->bin_count; ++i)
    assay_pb_varint(out, record->bins[at++]);
  assay_pb_close(out, opened);
  return ASSAY_OK;
}

static void clear(assay_timing* record) {
  record->open = 0; /* an inference that is under way belongs to the time before */
  record->count = record->misses = 0;
  record->ticks = record->ticks_min = record->ticks_max = 0;
  for (uint16_t i = 0; record->bins && i < record->bin_count; ++i) record->bins[i] = 0;
}

static uint8_t clear_timings(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  (void)values;
  (void)out;
  for (uint32_t of = 0; of <= ASSAY_TIMING_OF_MODEL; ++of) {
    uint32_t total;
    assay_timing* record = records(agent, of, &total);
    for (; record && total; --total) clear(record++);
  }
  return ASSAY_OK;
}

static uint8_t set_deadline(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  assay_timing* record;
  uint32_t total;
  (void)out;
  const uint8_t status = timings_find(agent, values, &record, &total);
  if (status == ASSAY_OK) record->deadline_ticks = values[TIMING_VALUE];
  return status;
}

static const assay_request timings_requests[] = {
    {ASSAY_MESSAGE_TIMING, timing_info},
    {ASSAY_MESSAGE_BINS, timing_bins},
    {ASSAY_MESSAGE_CLEAR_TIMINGS, clear_timings},
    {ASSAY_MESSAGE_SET_DEADLINE, set_deadline},
    {0, NULL},
};

static uint32_t bin_of(const assay_timing* record, uint64_t ticks) {
  const uint32_t value = ticks >> 32 ? 0xFFFFFFFFu : (uint32_t)ticks;
  uint32_t octave = 31; /* no count of leading zeros: ARMv6-M has none */
  while (octave > record->first_octave && !(value >> octave)) --octave;
  if (!(value >> octave)) return 0;
  const uint32_t bin = (octave - record->first_octave) * ASSAY_BINS_PER_OCTAVE +
                       ((value >> (octave - 3)) & (ASSAY_BINS_PER_OCTAVE - 1));
  return bin < record->bin_count ? bin : record->bin_count - 1u;
}

static void begin(assay_timing* record) {
  if (!record) return;
  record->open = 1;
  record->begin = assay_ticks(&assay_the_agent);
}

static void end(assay_timing* record) {
  const uint64_t now = assay_ticks(&assay_the_agent);
  if (!record || !record->open) return;
  const uint64_t ticks = now - record->begin;
  record->open = 0;
  if (!record->count || ticks < record->ticks_min) record->ticks_min = ticks;
  if (ticks > record->ticks_max) record->ticks_max = ticks;
  record->ticks += ticks;
  ++record->count;
  if (record->deadline_ticks && ticks > record->deadline_ticks) ++record->misses;
  if (record->bins) ++record->bins[bin_of(record, ticks)];
}

static void use(uint32_t of, assay_timing* first) {
  assay_agent* agent = &assay_the_agent;
  uint32_t total;
  if (!agent->port->tick) return; /* nothing to time with: the feature is absent */
  *(of == ASSAY_TIMING_OF_SPAN ? &agent->spans : &agent->observed) = first;
  agent->timing_requests = timings_requests;
  for (records(agent, of, &total); total; --total, ++first) {
    if (first->first_octave < FIRST_OCTAVE_MIN) first->first_octave = FIRST_OCTAVE_MIN;
    if (!first->bin_count) first->bins = NULL;
  }
}

/* NULL: there is no such record. */
static assay_timing* record_of(uint32_t of, uint8_t index) {
  uint32_t total;
  assay_timing* first = records(&assay_the_agent, of, &total);
  return first && index < total ? first + index : NULL;
}

static void mark(int high) {
  if (assay_the_agent.port->marker) assay_the_agent.port->marker(high);
}

void assay_use_spans(assay_timing* spans, uint8_t count) {
  assay_the_agent.span_count = count;
  use(ASSAY_TIMING_OF_SPAN, spans);
}

void assay_span_begin(uint8_t span) { begin(record_of(ASSAY_TIMING_OF_SPAN, span)); }

void assay_span_end(uint8_t span) { end(record_of(ASSAY_TIMING_OF_SPAN, span)); }

void assay_use_observe(assay_timing* models) {
  const assay_agent* agent = &assay_the_agent;
  use(ASSAY_TIMING_OF_MODEL, models);
  for (uint8_t i = 0; i < agent->model_count; ++i) {
    if (!models[i].deadline_ticks) models[i].deadline_ticks = agent->models[i].deadline_ticks;
  }
}

void assay_observe_begin(uint8_t model) {
  mark(1);
  begin(record_of(ASSAY_TIMING_OF_MODEL, model));
}

void assay_observe_end(uint8_t model) {
  end(record_of(ASSAY_TIMING_OF_MODEL, model));
  mark(0);
}

/* ---- agent/transfer.c ---- */
/* Bytes of tensors: upload go-back-N into an input, download by Read. The device keeps no timers and no
 * copies. */


enum { OPEN_TRANSFER, OPEN_MODEL, OPEN_INPUT, OPEN_BYTES };
enum { CLOSE_TRANSFER, CLOSE_CRC };
enum { READ_MODEL, READ_OUTPUT, TRANSFER_READ_OFFSET, TRANSFER_READ_BYTES, TRANSFER_READ_GENERATION };

uint8_t assay_open(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  (void)out; /* OpenReply.busy_ms: RAM needs no erasing, so 0, which proto3 leaves out */
  if (values[OPEN_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[OPEN_MODEL]];
  if (values[OPEN_INPUT] >= model->input_count) return ASSAY_NOT_FOUND;
  const assay_tensor* tensor = &model->inputs[values[OPEN_INPUT]];
  const uint32_t id = values[OPEN_TRANSFER];
  if (values[OPEN_BYTES] != tensor->bytes || tensor->bytes > ASSAY_TRANSFER_MAX || id == 0 || id > 0xFF)
    return ASSAY_LIMIT;
  if (assay_tensor_fault(tensor)) return ASSAY_BAD_TENSOR;
  agent->transfer.tensor = tensor;
  agent->transfer.next = 0;
  agent->transfer.id = (uint8_t)id;
  return ASSAY_OK;
}

void assay_acknowledge(assay_agent* agent) {
  uint32_t credit = (agent->port->rx_window ? agent->port->rx_window : ASSAY_MTU) / ASSAY_MTU;
  if (credit == 0) credit = 1;
  if (credit > 0xFF) credit = 0xFF;
  assay_send(agent, ASSAY_KIND_ACK, (uint8_t)credit, agent->transfer.next << 8 | agent->transfer.id, NULL, 0);
}

void assay_accept_data(assay_agent* agent, const assay_frame* frame) {
  assay_transfer* transfer = &agent->transfer;
  if (!transfer->tensor || (uint8_t)frame->word != transfer->id || frame->detail != ASSAY_DATA_UPLOAD) return;
  const uint32_t left = transfer->tensor->bytes - transfer->next;
  if (frame->word >> 8 == transfer->next && frame->size <= left) {
    memcpy((uint8_t*)transfer->tensor->data + transfer->next, frame->payload, frame->size);
    transfer->next += frame->size;
  }
  assay_acknowledge(agent); /* also for a gap: a repeated ACK makes the host rewind */
}

uint8_t assay_commit(const assay_agent* agent, uint32_t id, uint32_t crc) {
  const assay_transfer* transfer = &agent->transfer;
  if (!transfer->tensor || transfer->id != id) return ASSAY_NOT_OPEN;
  if (transfer->next != transfer->tensor->bytes) return ASSAY_INCOMPLETE;
  return assay_crc32(0, transfer->tensor->data, transfer->tensor->bytes) == crc ? ASSAY_OK : ASSAY_BAD_CRC;
}

uint8_t assay_close(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  (void)out;
  const uint8_t status = assay_commit(agent, values[CLOSE_TRANSFER], values[CLOSE_CRC]);
  if (status == ASSAY_OK) agent->transfer.tensor = NULL;
  return status;
}

uint8_t assay_read(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[READ_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[READ_MODEL]];
  if (values[READ_OUTPUT] >= model->output_count) return ASSAY_NOT_FOUND;
  const assay_tensor* tensor = &model->outputs[values[READ_OUTPUT]];
  const uint32_t offset = values[TRANSFER_READ_OFFSET], bytes = values[TRANSFER_READ_BYTES];
  if (tensor->bytes > ASSAY_TRANSFER_MAX || offset > tensor->bytes || bytes > tensor->bytes - offset)
    return ASSAY_LIMIT;
  if (assay_tensor_fault(tensor)) return ASSAY_BAD_TENSOR;
  if (values[TRANSFER_READ_GENERATION] && values[TRANSFER_READ_GENERATION] != agent->run.generation) return ASSAY_STALE;
  agent->download.from = (const uint8_t*)tensor->data;
  agent->download.offset = offset;
  agent->download.bytes = bytes;
  agent->after = ASSAY_AFTER_DATA;
  assay_pb_uint(out, 1, bytes);
  assay_pb_uint(out, 2, agent->run.generation);
  return ASSAY_OK;
}

void assay_send_data(assay_agent* agent, uint8_t flags, uint8_t transfer, const assay_download* what) {
  uint32_t offset = what->offset, left = what->bytes;
  while (left) {
    const uint32_t size = left < ASSAY_MTU ? left : ASSAY_MTU;
    assay_send(agent, ASSAY_KIND_DATA, flags, offset << 8 | transfer, what->from + offset, size);
    offset += size;
    left -= size;
  }
}
