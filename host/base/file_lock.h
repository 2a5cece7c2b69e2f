// A lock that its owner cannot leak: an exclusive lock on a file, held by an open file description.
//
// The kernel drops it when the process ends in whatever way, so a killed one leaves nothing to clean up. The
// file's content (who, what, since when) only serves the message that the second one gets; it is never
// evidence of ownership. Unlike flock() it can be asked for without being taken, and unlike plain fcntl locks
// two of one process exclude each other. Children do not inherit it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace assay {

struct LockOwner {
  pid_t pid = 0;        // 0: somebody, but who cannot be told
  std::string command;  // its command line
  std::string since;    // UTC, "2026-11-24T23:59:01Z"
};
// "process 4711 (assay run ...) since 2026-11-24T23:59:01Z", "another process".
std::string describe(const LockOwner& owner);

class FileLock {
 public:
  // nullopt: somebody else has it. The file is created where it is missing, its folder is not. base.file.
  static Result<std::optional<FileLock>> take(const std::filesystem::path& file, const std::string& command);
  // Who has it now; nullopt when nobody does or there is no such file. Takes nothing. base.file.
  static Result<std::optional<LockOwner>> owner(const std::filesystem::path& file);

  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { release(); }

  bool held() const { return fd_ >= 0; }
  const std::filesystem::path& file() const { return file_; }
  void moved_to(std::filesystem::path file) { file_ = std::move(file); }  // its folder was renamed
  void release();                                                         // idempotent; the file stays
  void
  remove_and_release();  // idempotent; whoever opened it meanwhile sees that it is gone and makes a new one

 private:
  std::filesystem::path file_;
  int fd_ = -1;
};

}  // namespace assay
