// A file that grows line by line and can be read while it grows: the journals of a run.
//
// Each append is one write(2) of whole lines; a failed or short write is cut back, so that the file never
// keeps half a line of ours. After a crash of the machine the last line may still be cut: readers tolerate
// that.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace assay::results {

class AppendFile {
 public:
  // Creates the file or opens it at its end; a last line without newline (a cut-off writer) is removed.
  // base.file.
  static Result<AppendFile> open(const std::filesystem::path& path);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  bool empty() const { return size_ == 0; }
  // `text` ends with a newline. base.file (disk full, ...): the file is as before.
  Status append(std::string_view text);

 private:
  AppendFile() = default;
  std::filesystem::path path_;
  int fd_ = -1;
  int64_t size_ = 0;  // bytes
};

}  // namespace assay::results
