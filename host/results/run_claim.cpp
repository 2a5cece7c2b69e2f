#include "results/run_claim.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>

#include "base/files.h"
#include "base/scratch_folder.h"

namespace assay::results {
namespace fs = std::filesystem;
namespace {

constexpr const char* kUnborn = ".assay-new-";  // folders of runs that have no name yet
constexpr int kNames = 1000;                    // runs that start at the same moment

// What an attempt said and concluded.
constexpr const char* kOfAttempt[] = {file::kManifest, file::kSummary,  file::kReportHtml,
                                      file::kJunit,    file::kEvents,   file::kConsoleLog,
                                      file::kProbeLog, file::kVboardLog};
// What the next attempt makes again.
constexpr const char* kDerived[] = {file::kOutputs,    file::kTicks,     file::kInputs,
                                    file::kInputIndex, file::kFlips,     file::kOps,
                                    file::kMemory,     file::kReportCss, file::kReferences,
                                    file::kTensors};

tl::unexpected<Error> occupied(const fs::path& path) {
  return fail("results.bad_run", "the folder for the run exists and is not empty", path.string(),
              "Choose another folder, or continue the run with --resume.");
}

// Files of a process that was killed before the run had a folder worth the name.
bool empty_but_for_work(const fs::path& path) {
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() != file::kLock && !is_temporary(entry->path())) return false;
  }
  return !error;
}

}  // namespace

Result<RunClaim> RunClaim::create(const fs::path& given, const std::string& lock_text,
                                  const std::string& command) {
  std::error_code error;
  fs::path path = fs::absolute(given).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  ASSAY_CHECK(make_directories(path.parent_path()));
  if (fs::exists(path, error)) return create_in_place(path, lock_text, command);
  ASSAY_TRY(ScratchFolder unborn, ScratchFolder::make(path.parent_path(), kUnborn, command));
  ASSAY_CHECK(write_file(unborn.path() / file::kProfileLock, lock_text));
  const mode_t mask = umask(0);
  umask(mask);
  if (chmod(unborn.path().c_str(), 0777 & ~mask) != 0) return file_error("create", path, errno);
  FileLock lock;
  const int failed = unborn.rename_to(path, lock);
  if (failed == EEXIST || failed == ENOTEMPTY || failed == ENOTDIR) return occupied(path);
  if (failed != 0) return file_error("create", path, failed);
  return RunClaim(RunFolder(path), std::move(lock));
}

Result<RunClaim> RunClaim::create_in_place(const fs::path& path, const std::string& lock_text,
                                           const std::string& command) {
  if (!empty_but_for_work(path)) return occupied(path);
  ASSAY_TRY(auto lock, FileLock::take(path / file::kLock, command));
  if (!lock || !empty_but_for_work(path)) return occupied(path);
  remove_temporaries(path, std::chrono::seconds(0));
  if (const Status written = write_file(path / file::kProfileLock, lock_text); !written) {
    lock->remove_and_release();
    return fail(written.error());
  }
  return RunClaim(RunFolder(path), std::move(*lock));
}

Result<RunClaim> RunClaim::create_below(const fs::path& out_dir, const std::string& profile,
                                        const std::string& board, const std::string& lock_text,
                                        const std::string& command) {
  for (int i = 0;; ++i) {
    auto claim = create(new_run_path(out_dir, profile, board), lock_text, command);
    // results.bad_run: another run took the name in between.
    if (claim || claim.error().code != "results.bad_run" || i == kNames) return claim;
  }
}

Result<RunClaim> RunClaim::reopen(const fs::path& path, const std::string& command) {
  ASSAY_TRY(RunFolder folder, RunFolder::open(path));
  ASSAY_TRY(auto lock, FileLock::take(folder.path(file::kLock), command));
  if (!lock) {
    const auto owner = FileLock::owner(folder.path(file::kLock));
    return fail(
        "run.still_going",
        fmt::format("{} works on this run", describe(owner ? owner->value_or(LockOwner{}) : LockOwner{})),
        path.string());
  }
  return RunClaim(std::move(folder), std::move(*lock));
}

Status RunClaim::begin_attempt() const {
  std::error_code error;
  fs::path attempt;
  for (int n = 1; attempt.empty(); ++n) {
    const fs::path next = folder_.path(file::kAttempts) / std::to_string(n);
    if (!fs::exists(next, error)) attempt = next;
  }
  ASSAY_CHECK(make_directories(attempt));
  // The manifest first: what follows makes it untrue.
  for (const char* name : kOfAttempt) {
    fs::rename(folder_.path(name), attempt / name, error);
    if (error && error != std::errc::no_such_file_or_directory)
      return file_error("move", folder_.path(name), error.value());
  }
  for (const char* name : kDerived) fs::remove_all(folder_.path(name), error);
  remove_temporaries(folder_.path(), std::chrono::seconds(0));
  sync_folder(folder_.path());
  return {};
}

void RunClaim::discard_journal() const {
  std::error_code ignored;
  fs::remove(folder_.path(file::kOutputsPart), ignored);
}

}  // namespace assay::results
