// CRC-32 as zlib computes it (polynomial 0xEDB88320), four bits at a time: 64 bytes of table instead of 1 KB.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace assay::engine {

uint32_t checksum(const uint8_t* bytes, size_t count);

}  // namespace assay::engine
