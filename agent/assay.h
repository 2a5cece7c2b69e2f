/* assay.h: put any inference engine in any firmware under test.
 *
 * Fill one assay_port (how this board sends, receives and counts) and one assay_model per model, call
 * assay_init once and assay_poll from the main loop or a low-priority task. A NULL callback makes its feature
 * absent, and BOARD says so to the host. C99, no heap, no libc but memcpy, memset and strlen. Not reentrant:
 * call from one context.
 *
 * RAM: about 700 bytes at ASSAY_MTU 256, all in one static object; the host reads its size as
 * Memory.agent_bytes.
 */
#ifndef ASSAY_H
#define ASSAY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ASSAY_MTU
#define ASSAY_MTU 256 /* largest frame payload, bytes; 128..4096 */
#endif

typedef enum assay_type {
  ASSAY_FLOAT32 = 0,
  ASSAY_INT8 = 1,
  ASSAY_UINT8 = 2,
  ASSAY_INT16 = 3,
  ASSAY_INT32 = 4,
  ASSAY_BOOL = 5,
  ASSAY_INT64 = 6
} assay_type;

#define ASSAY_MAX_RANK 6

/* One input or output. `data` belongs to the application and stays valid between two runs. */
typedef struct assay_tensor {
  const char* name; /* may be NULL */
  void* data;
  uint32_t bytes;
  assay_type type;
  uint8_t rank;
  uint32_t dims[ASSAY_MAX_RANK];
  float scale; /* real = scale * (q - zero_point); 0: not quantised */
  int32_t zero_point;
} assay_tensor;

typedef struct assay_model {
  const char* name;
  const char* engine; /* "native", "tflm", ...; shown in the report */
  const char* hash;   /* hex SHA-256 of the model file, or NULL: then identity is not verified */
  const assay_tensor* inputs;
  const assay_tensor* outputs;
  uint8_t input_count;
  uint8_t output_count;
  uint16_t op_count;    /* operators that report through assay_op_begin/end; 0: none */
  uint32_t arena_bytes; /* planned working memory; 0: unknown */
  /* One inference on the input buffers: 0 done, 1 needs more input (a streaming hop), < 0 engine error. */
  int (*run)(void* user);
  void (*reset)(void* user);          /* NULL: no state to reset */
  uint32_t (*arena_used)(void* user); /* bytes touched so far; NULL: absent */
  void* user;
} assay_model;

typedef enum assay_clock_kind {
  ASSAY_CLOCK_CYCLES = 1,       /* core cycles of real silicon */
  ASSAY_CLOCK_INSTRUCTIONS = 2, /* emulated: instructions = ticks * tick_numerator / tick_denominator */
  ASSAY_CLOCK_HOST_NS = 3,
  ASSAY_CLOCK_TIMER = 4 /* any other counter of tick_hz */
} assay_clock_kind;

/* 16 bytes of RAM per operator of the largest model. */
typedef struct assay_op_record {
  uint64_t ticks; /* begin to end */
  uint32_t calls;
} assay_op_record;

typedef struct assay_port {
  const char* board;      /* the type, as boards/<type> */
  uint8_t build_id[16];   /* of this firmware */
  uint8_t unit_id[16];    /* of this chip; zeros: unknown */
  uint32_t core_clock_hz; /* 0: meaningless (emulated) */
  uint32_t tick_hz;
  assay_clock_kind clock;
  uint32_t tick_numerator; /* instructions per tick as a fraction; 0: not applicable */
  uint32_t tick_denominator;
  uint8_t emulated;       /* 1: device time says nothing about real time, so the device times nothing out */
  uint8_t reset_cause;    /* 0 unknown 1 power 2 pin 3 software 4 watchdog 5 fault */
  uint32_t boot_id;       /* differs from boot to boot where the board can make it so */
  uint32_t (*tick)(void); /* free-running 32-bit counter; NULL: latency absent */
  /* Bytes read into `to`, 0 when none wait; never blocks. */
  size_t (*rx)(uint8_t* to, size_t room);
  /* Sends all; may block for as long as the line takes. */
  void (*tx)(const uint8_t* bytes, size_t count);
  void (*marker)(int high); /* pin that is high during an inference; NULL: absent */
  void (*link)(int on);     /* quiet window: serial peripheral off and on; NULL: absent */
  void (*idle)(void);       /* lowest power until something happens; NULL: absent */
  void (*reset)(void);      /* NULL: the host resets through the probe */
  uint8_t* stack_low;       /* painted by assay_init from here to the current stack pointer; NULL: absent */
  uint8_t* stack_high;
  uint32_t static_bytes;       /* .data + .bss, 0: unknown */
  assay_op_record* op_records; /* room for per-operator times; NULL: absent */
  uint16_t op_record_count;
  uint32_t rx_window; /* line bytes that rx keeps while the agent works; 0: one frame */
} assay_port;

/* The tables must outlive the agent. */
void assay_init(const assay_port* port, const assay_model* models, uint8_t model_count);
/* Serves what has arrived; returns when nothing waits. */
void assay_poll(void);

/* For engine adapters, around each operator of a run; `op` < op_count. About 10 instructions a call on M4. */
void assay_op_begin(uint16_t op);
void assay_op_end(uint16_t op);

/* One line for the host's console.log; dropped (and counted) when nobody listens. level: 0 error 1 warning 2
 * info. */
void assay_log(uint8_t level, const char* text);

/* The host session that is open; 0: none. A new number means that somebody new listens. */
uint16_t assay_session(void);

#ifdef __cplusplus
}
#endif
#endif
