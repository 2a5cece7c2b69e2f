#include "results/index.h"

#include <dirent.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>

#include "base/digest.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/paths.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMemory = ":memory:";
constexpr size_t kBatch = 1000;  // rows of one transaction: others wait for no longer than that takes
constexpr int kCorrections = 3;  // rounds of looking at what is shown, before it is shown as it is

// Names of the folders below out_dir but hidden ones; also links to folders.
Result<std::vector<std::string>> folder_names(const fs::path& out_dir) {
  std::vector<std::string> names;
  DIR* folder = opendir(out_dir.c_str());
  if (!folder) return fail("base.file", fmt::format("cannot list {}: {}", out_dir.string(), strerror(errno)));
  while (const dirent* entry = readdir(folder)) {
    const bool may_be_folder =
        entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
    if (may_be_folder && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(folder);
  return names;
}

std::optional<OutStamp> out_stamp(const fs::path& out_dir) {
  struct stat found {};
  const auto modified = folder_stamp(out_dir);
  if (!modified || stat(out_dir.c_str(), &found) != 0) return std::nullopt;
  return OutStamp{found.st_ino, *modified};
}

// A file that can be made or written in that folder.
bool usable(const fs::path& file) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error || access(file.parent_path().c_str(), W_OK | X_OK) != 0) return false;
  return !fs::exists(file, error) || access(file.c_str(), R_OK | W_OK) == 0;
}

std::string choose_place(const fs::path& out_dir) {
  std::error_code error;
  if (!fs::is_directory(out_dir, error)) return kMemory;
  const fs::path beside = out_dir / ".assay" / "index.sqlite";
  if (usable(beside)) return beside.string();
  const std::string name = sha256_hex(fs::weakly_canonical(out_dir, error).string()).substr(0, 16);
  const fs::path of_user = state_dir() / "index" / (name + ".sqlite");
  return usable(of_user) ? of_user.string() : kMemory;
}

bool same_row(const RunRow& a, const RunRow& b) {
  return a.state == b.state && a.started == b.started && a.profile == b.profile && a.board == b.board &&
         a.unit == b.unit && a.verdict == b.verdict && a.sentence == b.sentence && a.samples == b.samples &&
         a.top1 == b.top1 && a.latency == b.latency;
}

}  // namespace

RunIndex RunIndex::open(const fs::path& out_dir, Warn warn) {
  RunIndex index(out_dir, std::move(warn));
  index.open_store();
  return index;
}

void RunIndex::open_store() {
  place_ = choose_place(out_dir_);
  auto store = open_sqlite_store(place_);
  if (store) {
    store_ = std::move(*store);
  } else if (store.error().code == "results.bad_index") {
    replace_store(store.error());
  } else {
    use_memory(store.error());
  }
}

// The file is damaged, unless another process replaced it meanwhile.
void RunIndex::replace_store(const Error& error) {
  store_.reset();
  if (auto again = open_sqlite_store(place_);
      again && (*again)->known(false) && (*again)->find({.limit = 1})) {
    store_ = std::move(*again);
    return;
  }
  warn_(error.code, error.text() + "; it is made again");
  std::error_code ignored;
  fs::remove(place_ + "-journal", ignored);
  fs::remove(place_, ignored);
  auto made = open_sqlite_store(place_);
  if (!made) return use_memory(made.error());
  store_ = std::move(*made);
}

void RunIndex::use_memory(const Error& error) {
  warn_(error.code, error.text() + "; this time the run folders are read without it");
  place_ = kMemory;
  auto store = open_sqlite_store(kMemory);
  if (store) store_ = std::move(*store);
}

// Whatever happens to the store, the folders can still be read.
Status RunIndex::use(const std::function<Status(RunStore&)>& work) {
  Status done;
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (!store_) return fail("results.bad_index", "no index can be made, not even in memory", place_);
    done = work(*store_);
    if (done) return done;
    if (done.error().code == "results.bad_index") {
      attempt == 0 ? replace_store(done.error()) : use_memory(done.error());
    } else if (done.error().code == "results.index_busy") {
      use_memory(done.error());
    } else {
      return done;
    }
    if (const Status filled = store_ ? refresh_store(*store_) : Status(); !filled && attempt > 0)
      return filled;
  }
  return done;
}

Status RunIndex::refresh() {
  return use([this](RunStore& store) { return refresh_store(store); });
}

Status RunIndex::refresh_store(RunStore& store) {
  const auto now = out_stamp(out_dir_);
  ASSAY_TRY(const OutStamp before, store.stamp());
  if (!now) {
    ASSAY_TRY(const auto known, store.known(false));
    RunChanges changes;
    for (const KnownRun& run : known) changes.gone.push_back(run.name);
    return known.empty() ? Status() : store.apply(changes);
  }
  if (now->modified_ns == 0 || before != *now) return list_again(store, before, *now);
  ASSAY_TRY(const auto unsettled, store.known(true));
  return read_again(store, unsettled, *now);
}

Status RunIndex::list_again(RunStore& store, const OutStamp& before, const OutStamp& now) {
  ASSAY_TRY(const auto names, folder_names(out_dir_));
  ASSAY_TRY(auto known, store.known(false));
  const OutStamp unfinished{before.inode, 0};  // whoever is interrupted lists again
  std::unordered_map<std::string_view, const KnownRun*> gone;
  gone.reserve(known.size());
  for (const KnownRun& run : known) gone.emplace(run.name, &run);
  std::vector<KnownRun> look;                           // new ones, and those that may have changed
  const bool other_folder = before.inode != now.inode;  // moved or copied: times may say nothing
  for (const std::string& name : names) {
    const auto found = gone.find(name);
    if (found == gone.end()) {
      look.push_back({name, 0, RunState::kNoRun});
      continue;
    }
    const KnownRun& run = *found->second;
    if (other_folder || run.state != RunState::kSettled || run.stamp == 0)
      look.push_back({name, other_folder ? 0 : run.stamp, run.state});
    gone.erase(found);
  }
  if (!gone.empty()) {
    RunChanges changes{.put = {}, .gone = {}, .stamp = unfinished};
    for (const auto& [name, run] : gone) changes.gone.emplace_back(name);
    ASSAY_CHECK(store.apply(changes));
  }
  ASSAY_CHECK(read_again(store, look, unfinished));
  // Last: whoever is interrupted before lists again.
  if (before == now) return {};
  return store.apply({.put = {}, .gone = {}, .stamp = now});
}

// Reads those whose folder changed. `stamp` is what the store then knows; an empty one marks it as not up to
// date.
Status RunIndex::read_again(RunStore& store, const std::vector<KnownRun>& runs, const OutStamp& stamp) {
  RunChanges changes{.put = {}, .gone = {}, .stamp = stamp};
  for (const KnownRun& run : runs) {
    if (interrupted()) return fail(interruption());
    const auto now = folder_stamp(out_dir_ / run.name);
    if (!now) {
      changes.gone.push_back(run.name);
    } else if (run.stamp == 0 || *now != run.stamp) {
      changes.put.push_back(read_run_row(out_dir_ / run.name));
    }
    if (changes.put.size() + changes.gone.size() < kBatch) continue;
    ASSAY_CHECK(store.apply(changes));
    changes.put.clear(), changes.gone.clear();
  }
  return changes.put.empty() && changes.gone.empty() ? Status() : store.apply(changes);
}

// True: something that was shown is otherwise.
Result<bool> RunIndex::correct_shown(RunStore& store, const std::vector<RunRow>& rows) {
  ASSAY_TRY(const OutStamp stamp, store.stamp());
  RunChanges changes{.put = {}, .gone = {}, .stamp = stamp};
  bool different = false;
  for (const RunRow& row : rows) {
    const auto now = folder_stamp(out_dir_ / row.name);
    if (now && *now == row.stamp && row.stamp != 0) continue;
    if (!now) {
      changes.gone.push_back(row.name);
      different = true;
      continue;
    }
    RunRow read = read_run_row(out_dir_ / row.name);
    const bool same = same_row(read, row);
    different |= !same;
    if (!same || read.stamp != row.stamp) changes.put.push_back(std::move(read));
  }
  if (!changes.put.empty() || !changes.gone.empty()) ASSAY_CHECK(store.apply(changes));
  return different;
}

Result<FoundRuns> RunIndex::find(const RunQuery& query) {
  FoundRuns found;
  const Status done = use([&](RunStore& store) -> Status {
    for (int round = 0;; ++round) {
      ASSAY_TRY(found, store.find(query));
      if (round == kCorrections) return {};
      ASSAY_TRY(const bool different, correct_shown(store, found.rows));
      if (!different) return {};
    }
  });
  if (!done) return fail(done.error());
  return found;
}

Result<RebuiltIndex> RunIndex::rebuild() {
  RebuiltIndex rebuilt;
  const Status done = use([&](RunStore& store) -> Status {
    ASSAY_CHECK(store.clear());
    ASSAY_CHECK(refresh_store(store));
    ASSAY_TRY(const auto known, store.known(false));
    rebuilt = {};
    for (const KnownRun& run : known) ++(run.state == RunState::kNoRun ? rebuilt.others : rebuilt.runs);
    return {};
  });
  if (!done) return fail(done.error());
  return rebuilt;
}

}  // namespace assay::results
