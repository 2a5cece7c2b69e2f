/* The agent's whole state, and the seams between its files. Not for users: assay.h is the interface.
 *
 * To add a request: its message in protocol/assay.proto, a handler with the type assay_handler, one line in
 * the table in dispatch.c (of a feature that not every firmware has: in the table that its assay_use_...
 * plants, as in taps.c). A handler decodes with the values it is given, writes its answer through `out` and
 * returns a status; what must happen after the answer went out (a run, data, a reset) it leaves in `after`.
 */
#ifndef ASSAY_AGENT_CORE_H
#define ASSAY_AGENT_CORE_H

#include "assay.h"
#include "frame.h"
#include "pb.h"
#include "schema.h"

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
