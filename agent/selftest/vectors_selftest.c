#include "vectors_selftest.h"

#include <string.h>

#include "../frame.h"
#include "../pb.h"

typedef enum vector_type { VECTOR_FRAME, VECTOR_REJECT, VECTOR_REQUEST, VECTOR_MALFORMED } vector_type;

typedef struct vector {
  vector_type type;
  uint8_t kind, detail;
  uint16_t session;
  uint32_t word;
  const uint8_t* payload;
  uint16_t payload_size;
  const uint8_t* line;
  uint16_t line_size;
  uint32_t values[ASSAY_REQUEST_FIELDS];
  assay_frame_event expected;
} vector;

static const vector vectors[] = {
#include "vectors.inc"
};

static uint8_t sent[ASSAY_MTU + 64];
static size_t sent_size;
static assay_decoder decoder;

static void keep(const uint8_t* bytes, size_t count) {
  if (sent_size + count > sizeof sent) return; /* the comparison will fail */
  memcpy(sent + sent_size, bytes, count);
  sent_size += count;
}

/* The event of the last byte that had one. */
static assay_frame_event decode(const vector* v, assay_frame* frame) {
  assay_frame_event last = ASSAY_FRAME_NONE;
  memset(&decoder, 0, sizeof decoder);
  for (uint16_t i = 0; i < v->line_size; ++i) {
    const assay_frame_event event = assay_decoder_feed(&decoder, v->line[i], frame);
    if (event != ASSAY_FRAME_NONE) last = event;
  }
  return last;
}

static int check_frame(const vector* v) {
  assay_frame frame;
  if (decode(v, &frame) != ASSAY_FRAME_OK) return 0;
  if (frame.kind != v->kind || frame.detail != v->detail || frame.session != v->session ||
      frame.word != v->word || frame.size != v->payload_size ||
      memcmp(frame.payload, v->payload, frame.size) != 0) {
    return 0;
  }
  sent_size = 0;
  assay_frame_send(&frame, keep);
  return sent_size == v->line_size && memcmp(sent, v->line, sent_size) == 0;
}

static int check_reject(const vector* v) {
  assay_frame frame;
  return decode(v, &frame) == v->expected;
}

static int check_request(const vector* v) {
  uint32_t values[ASSAY_REQUEST_FIELDS];
  return assay_pb_read(v->payload, v->payload_size, values, ASSAY_REQUEST_FIELDS) &&
         memcmp(values, v->values, sizeof values) == 0;
}

static int check_malformed(const vector* v) {
  uint32_t values[ASSAY_REQUEST_FIELDS];
  return !assay_pb_read(v->payload, v->payload_size, values, ASSAY_REQUEST_FIELDS);
}

int assay_vectors_count(void) { return (int)(sizeof vectors / sizeof *vectors); }

int assay_vectors_selftest(void) {
  static int (*const checks[])(const vector*) = {check_frame, check_reject, check_request, check_malformed};
  int failures = assay_crc32(0, "123456789", 9) != 0xCBF43926u;
  for (int i = 0; i < assay_vectors_count(); ++i) {
    if (!checks[vectors[i].type](&vectors[i])) ++failures;
  }
  return failures;
}
