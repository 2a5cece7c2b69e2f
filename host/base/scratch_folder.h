// A temporary folder that a killed process does not leave for ever: the next one of its kind removes it.
//
// It is <parent>/<prefix>XXXXXX and holds a locked file (file_lock.h). make() removes every sibling of the
// same prefix and user whose lock nobody holds.
#pragma once

#include <filesystem>
#include <string>

#include "base/file_lock.h"
#include "base/result.h"

namespace assay {

class ScratchFolder {
 public:
  static constexpr const char* kLock = ".lock";

  // base.file, base.disk_full. `parent` must exist. `purpose`: what the lock says.
  static Result<ScratchFolder> make(const std::filesystem::path& parent, const std::string& prefix,
                                    const std::string& purpose = "scratch");
  // Where such folders go that are of no use to anybody else: $TMPDIR or /tmp.
  static Result<ScratchFolder> make(const std::string& prefix);

  // Only the clean-up of make(prefix): for who may not need a folder this time.
  static void sweep(const std::string& prefix);

  ScratchFolder() = default;
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder() { remove(); }

  const std::filesystem::path& path() const { return path_; }
  void remove();  // idempotent
  // Gives the folder up under a new name, with its lock: 0 or errno (EEXIST, ENOTEMPTY: something is there).
  int rename_to(const std::filesystem::path& path, FileLock& lock);

 private:
  std::filesystem::path path_;
  FileLock lock_;
};

}  // namespace assay
