// Whole files, written so that a reader, a crash, a full disk or a power cut never shows half of one.
//
// write_file() fills a file that has no name yet (O_TMPFILE; a "<name>.<pid>.<n>.tmp" where the file system
// lacks that), flushes it, gives it its name in one step and flushes the folder. A killed process leaves a
// temporary only where O_TMPFILE is missing, or in the microseconds between name and rename: who owns a
// folder calls remove_temporaries().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay {

// The error of a failed system call: "cannot <verb> <path>: <the system's words>". base.disk_full when the
// disk, a quota or a size limit is what was in the way, else base.file.
tl::unexpected<Error> file_error(std::string_view verb, const std::filesystem::path& path, int error);

// All of these: base.file, base.disk_full.
Result<std::string> read_text(const std::filesystem::path& path);
Result<std::vector<uint8_t>> read_bytes(const std::filesystem::path& path);
Status write_file(const std::filesystem::path& path, std::string_view bytes);
Status write_file(const std::filesystem::path& path, std::span<const uint8_t> bytes);
Status make_directories(const std::filesystem::path& path);

// What write_file() may leave behind when it is killed.
bool is_temporary(const std::filesystem::path& path);
// Removes temporaries that lie directly in `folder` and are at least so old; errors are ignored. Age 0 only
// where no other process writes.
void remove_temporaries(const std::filesystem::path& folder, std::chrono::seconds age);
// Names in a folder that were made, renamed or removed outlive a power cut. Best effort: some file systems
// cannot.
void sync_folder(const std::filesystem::path& folder);

}  // namespace assay
