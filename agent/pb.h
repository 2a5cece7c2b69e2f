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
