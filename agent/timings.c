/* How long stages of the application and its own inferences take: distributions that live for hours, read by
 * the host a record and a page of bins at a time. */
#include "core.h"

enum { TIMING_OF, TIMING_INDEX, TIMING_VALUE };
enum { FIRST_OCTAVE_MIN = 3 }; /* 8 bins an octave need octaves of 8 ticks */

static assay_timing* records(assay_agent* agent, uint32_t of, uint32_t* total) {
  *total = of == ASSAY_TIMING_OF_SPAN ? agent->span_count : agent->model_count;
  return of == ASSAY_TIMING_OF_SPAN ? agent->spans : agent->observed;
}

/* The status, and the record when that is OK. */
static uint8_t find(assay_agent* agent, const uint32_t* values, assay_timing** record, uint32_t* total) {
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
  const uint8_t status = find(agent, values, &record, &total);
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
  const uint8_t status = find(agent, values, &record, &total);
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
  const uint8_t status = find(agent, values, &record, &total);
  if (status == ASSAY_OK) record->deadline_ticks = values[TIMING_VALUE];
  return status;
}

static const assay_request requests[] = {
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
  agent->timing_requests = requests;
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
