// Whole files, written so that a reader or a crash never sees half of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay {

// All of these: base.file with the path and the system's words.
Result<std::string> read_text(const std::filesystem::path& path);
Result<std::vector<uint8_t>> read_bytes(const std::filesystem::path& path);
// Temporary file beside it, fsync, rename.
Status write_file(const std::filesystem::path& path, std::string_view bytes);
Status write_file(const std::filesystem::path& path, std::span<const uint8_t> bytes);
Status make_directories(const std::filesystem::path& path);

}  // namespace assay
