// The right to write one run folder: one process at a time, given back when that process ends in whatever
// way.
//
// A new folder appears under its name together with profile.lock.toml, or not at all: it is made beside its
// place, locked, filled and renamed. So a run folder always says what the run was to be. The lock is
// <run>/.lock (base/file_lock.h); it and outputs.part are working files, no part of the result, and go away
// in the end.
#pragma once

#include "base/file_lock.h"
#include "results/run_folder.h"

namespace assay::results {

class RunClaim {
 public:
  // `path` must not exist or be an empty folder (which then stays: it may be a mount point). `lock_text` is
  // the content of profile.lock.toml, `command` what others are told. results.bad_run, base.file,
  // base.disk_full: nothing was made.
  static Result<RunClaim> create(const std::filesystem::path& path, const std::string& lock_text,
                                 const std::string& command);
  // The same under a new name below out_dir (new_run_path); of several that start at once each gets its own.
  static Result<RunClaim> create_below(const std::filesystem::path& out_dir, const std::string& profile,
                                       const std::string& board, const std::string& lock_text,
                                       const std::string& command);
  // A run that goes on. run.still_going names the process that works on it; results.bad_run when the path is
  // no run folder.
  static Result<RunClaim> reopen(const std::filesystem::path& path, const std::string& command);

  RunClaim(RunClaim&&) = default;
  RunClaim& operator=(RunClaim&&) = default;
  ~RunClaim() { lock_.remove_and_release(); }

  const RunFolder& folder() const { return folder_; }
  // Before a resumed run writes anything: what the last attempt said and concluded moves to attempts/<n>/,
  // what can be made again is removed. Journals, lock and preparation stay. base.file, base.disk_full.
  Status begin_attempt() const;
  // Everything is written: nobody will go on with the run, so its journalled outputs go.
  void discard_journal() const;

 private:
  RunClaim(RunFolder folder, FileLock lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  static Result<RunClaim> create_in_place(const std::filesystem::path& path, const std::string& lock_text,
                                          const std::string& command);
  RunFolder folder_;
  FileLock lock_;
};

}  // namespace assay::results
