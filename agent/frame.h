/* Frames on the line: 00 | COBS(header, payload, CRC-32) | 00. The format is told in protocol/frame.md.
 *
 * A frame is decoded into one staging buffer and shown only after its CRC was right, so bytes that did not
 * pass never reach a tensor. Shared by every stream; knows nothing of sessions. */
#ifndef ASSAY_AGENT_FRAME_H
#define ASSAY_AGENT_FRAME_H

#include "assay.h"
#include "protocol/bounds.h"

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
