#include "frame.h"

#include <string.h>

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
