// A file that grows piece by piece and can be read while it grows: the journals of a run.
//
// Each append is one write(2) of whole lines or records; a failed or short write is cut back, so that the
// file never keeps half a piece of ours. What was appended survives this process, whatever ends it. It is
// flushed to the disk at most every few seconds, not at every append (a sample must stay cheap): after a
// power cut the last seconds may be missing or mangled, and readers tolerate that.
#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace assay::results {

class AppendFile {
 public:
  // Creates the file or opens it at its end; a last line without newline (a cut-off writer) is removed.
  // base.file, base.disk_full.
  static Result<AppendFile> open(const std::filesystem::path& path);
  // The same for a file of records: it keeps its first `whole` bytes.
  static Result<AppendFile> open_records(const std::filesystem::path& path, int64_t whole);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  bool empty() const { return size_ == 0; }
  // `piece`: whole lines, or whole records. base.file, base.disk_full: the file is as before.
  Status append(std::string_view piece);

 private:
  AppendFile() = default;
  Status cut(int64_t size);
  std::filesystem::path path_;
  int fd_ = -1;
  int64_t size_ = 0;  // bytes
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace assay::results
