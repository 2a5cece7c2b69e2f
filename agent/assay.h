/* assay.h: put any inference engine in any firmware under test.
 *
 * Fill one assay_port (how this board sends, receives and counts) and one assay_model per model, call
 * assay_init once and assay_poll from the main loop or a low-priority task. A NULL callback makes its feature
 * absent, and BOARD says so to the host. C99, no heap, no libc but memcpy, memset and strlen. Not reentrant:
 * call from one context.
 *
 * What more there is, each in its own section below and linked only when it is called: assay_use_spans
 * (stages of the application), assay_use_observe (the application infers by itself and is watched),
 * assay_use_taps (tensors inside the model), assay_stack (the stack of an RTOS task).
 *
 * RAM: about 700 bytes at ASSAY_MTU 256, all in one static object; the host reads its size as
 * Memory.agent_bytes. docs/agent_sizes.md has flash and RAM by core and MTU.
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

/* One input or output. `data` belongs to the application, stays valid between two runs, is aligned to its
 * element type and holds `bytes` = product of dims * size of one element; the host refuses a tensor that is
 * otherwise (link.bad_tensor) before anything runs. */
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
  uint16_t op_count; /* operators that report through assay_op_begin/end; 0: none */
  /* op_count names for the report, each may be NULL; NULL: none. Needed only where the host has no .tflite.
   */
  const char* const* op_names;
  uint32_t arena_bytes;    /* planned working memory; 0: unknown */
  uint32_t deadline_ticks; /* an observed inference that takes longer is a miss; 0: none, or the host's */
  /* One inference on the input buffers: 0 done, 1 needs more input (a streaming hop), < 0 engine error. The
   * host sends a sample of k input sizes as k hops: reset() before the first, 0 at the latest from the last.
   * NULL: only the application infers (assay_observe_begin), the host may watch but not run. */
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

/* ---- Stack of a task
 * Measure another stack than assay_port's: call it in the task that runs the models, before its first run.
 * Paints from `low` to the caller's stack pointer. A caller on a stack that is not [low, high): nothing is
 * painted and the stack marks are absent. The last call counts. */
void assay_stack(uint8_t* low, uint8_t* high);

/* ---- Timings: spans and observed inferences
 * A record that outlives hours: 64-bit sums, the 32-bit counter extended (call assay_poll, or any begin or
 * end, at least once in 2^32 ticks). 56 bytes of RAM, plus 4 per bin. The first four fields are yours, the
 * rest start as zeros and are the agent's.
 *
 * Bins make percentiles: 8 per octave, so that a percentile is known to 12.5 %. bins[0] counts everything
 * below 2^first_octave * 9/8 ticks, the last bin everything above. 64 bins from octave 13 at 64 MHz span
 * 128 us to 33 ms in 256 bytes. */
typedef struct assay_timing {
  const char* name; /* NULL: the model's, or its number */
  uint32_t* bins;   /* NULL: count, sum, minimum and maximum only */
  uint16_t bin_count;
  uint8_t first_octave; /* 3..31; less counts as 3 */
  uint8_t open;
  uint32_t deadline_ticks; /* longer is a miss; 0: none. Yours to start with, the host may set another */
  uint32_t count, misses;
  uint64_t begin, ticks, ticks_min, ticks_max;
} assay_timing;

/* Stages of the application: capture, DSP, inference, post. They may nest and cross; a begin without an end
 * counts nothing, a second begin starts anew. After assay_init; needs assay_port.tick. `spans` outlives the
 * agent. */
void assay_use_spans(assay_timing* spans, uint8_t count);
void assay_span_begin(uint8_t span);
void assay_span_end(uint8_t span);

/* The application infers by itself and `assay observe` watches: latency, deadline misses, stack, spans.
 * `models`: one record for each model of assay_init. Call begin and end around each inference; the marker pin
 * is high between them. A host's Invoke does not count here. It is served between two inferences, inside
 * assay_poll, and writes over the input buffers; set assay_model.run = NULL to have it refused. */
void assay_use_observe(assay_timing* models);
void assay_observe_begin(uint8_t model);
void assay_observe_end(uint8_t model);

/* ---- Taps: tensors inside a model
 * The host selects one operator; assay_tap of that operator copies its output before the arena reuses it.
 * Call it right after the operator, in execution order, for every operator that has a tensor worth looking
 * at: for those that are not selected it costs a compare. Called twice for an operator in one run, the last
 * one counts. A run with a tap is not for timing. `buffer` holds the largest tensor that can be tapped. */
void assay_use_taps(void* buffer, uint32_t bytes);
void assay_tap(uint16_t op, const void* data, uint32_t bytes);

/* One line for the host's console.log; dropped (and counted) when nobody listens. level: 0 error 1 warning 2
 * info. */
void assay_log(uint8_t level, const char* text);

/* The host session that is open; 0: none. A new number means that somebody new listens. */
uint16_t assay_session(void);

#ifdef __cplusplus
}
#endif
#endif
