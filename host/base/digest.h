// Content hashes: SHA-256 names files and caches; CRC-32 (zlib) is what the device computes too.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/files.h"

namespace assay {

// 64 lower-case hex digits.
std::string sha256_hex(std::span<const uint8_t> bytes);
std::string sha256_hex(std::string_view bytes);
Result<std::string> sha256_file(const std::filesystem::path& path);
uint32_t crc32_of(std::span<const uint8_t> bytes, uint32_t start = 0);

}  // namespace assay
