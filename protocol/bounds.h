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
