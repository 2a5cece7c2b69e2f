#include "base/scratch_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <utility>

#include "base/files.h"
#include "base/paths.h"

namespace assay {
namespace fs = std::filesystem;
namespace {

constexpr int kTries = 100;
constexpr time_t kUnlockedFor = 60;  // seconds: its maker was killed before it could lock it

// The folder of another process that is gone. `file` exists.
void remove_if_free(const fs::path& folder, const fs::path& file) {
  auto lock = FileLock::take(file, "clean-up");
  std::error_code ignored;
  if (lock && *lock) fs::remove_all(folder, ignored);
}

void sweep_below(const fs::path& parent, const std::string& prefix) {
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path folder = entry->path();
    struct stat found = {};
    if (!folder.filename().string().starts_with(prefix) || lstat(folder.c_str(), &found) != 0) continue;
    if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid()) continue;
    const fs::path file = folder / ScratchFolder::kLock;
    std::error_code ignored;
    if (fs::exists(file, ignored)) {
      remove_if_free(folder, file);
    } else if (time(nullptr) - found.st_mtime >= kUnlockedFor) {
      fs::remove_all(folder, ignored);
    }
  }
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make(const fs::path& parent, const std::string& prefix,
                                          const std::string& purpose) {
  sweep_below(parent, prefix);
  for (int i = 0; i < kTries; ++i) {
    std::string name = (parent / (prefix + "XXXXXX")).string();
    if (!mkdtemp(name.data())) return file_error("create", name, errno);
    ScratchFolder made;
    made.path_ = name;
    auto lock = FileLock::take(made.path_ / kLock, purpose);
    if (lock && *lock) {
      made.lock_ = std::move(**lock);
      return made;
    }
    if (!lock && lock.error().code != "base.file") return fail(lock.error());
  }  // somebody cleans up faster than this locks
  return fail("base.file", "cannot make a temporary folder in " + parent.string());
}

Result<ScratchFolder> ScratchFolder::make(const std::string& prefix) {
  return make(fs::absolute(temporary_dir()), prefix);
}
void ScratchFolder::sweep(const std::string& prefix) { sweep_below(temporary_dir(), prefix); }

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  lock_ = std::move(other.lock_);
  return *this;
}

void ScratchFolder::remove() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  path_.clear();
  lock_.release();
}

int ScratchFolder::rename_to(const fs::path& path, FileLock& lock) {
  // An empty folder gives way, anything else does not.
  if (rename(path_.c_str(), path.c_str()) != 0) return errno;
  sync_folder(path.parent_path());
  path_.clear();
  lock = std::move(lock_);
  lock.moved_to(path / kLock);
  return 0;
}

}  // namespace assay
