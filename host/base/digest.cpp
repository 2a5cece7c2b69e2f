#include "base/digest.h"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <zlib.h>

namespace assay {

std::string sha256_hex(std::span<const uint8_t> bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bytes.data(), bytes.size(), digest);
  std::string hex;
  for (unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string sha256_hex(std::string_view bytes) {
  return sha256_hex(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

Result<std::string> sha256_file(const std::filesystem::path& path) {
  ASSAY_TRY(auto bytes, read_bytes(path));
  return sha256_hex(bytes);
}

uint32_t crc32_of(std::span<const uint8_t> bytes, uint32_t start) {
  return static_cast<uint32_t>(crc32_z(start, bytes.data(), bytes.size()));
}

}  // namespace assay
