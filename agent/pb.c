#include "pb.h"

#include <string.h>

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
