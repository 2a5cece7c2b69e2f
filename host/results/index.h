// The index of the runs below one out folder: found in milliseconds among 10^5, while the run folders stay
// the truth.
//
// It lies in <out>/.assay/index.sqlite (a folder of its own, since SQLite's journal beside it would change
// the time of the out folder), or, where that cannot be written, in the state folder; else in memory. It may
// be deleted at any time. A damaged one is made again, with a warning.
//
// refresh() is what keeps it honest, and cheap: the out folder is listed only when its time changed; then new
// folders are read and those that went are dropped. Runs that are not settled are looked at each time. find()
// looks at the folders of the rows that it returns, so that what is shown is what is there.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "results/run_store.h"

namespace assay::results {

struct RebuiltIndex {
  int64_t runs = 0, others = 0;  // folders that are no runs
};

class RunIndex {
 public:
  using Warn = std::function<void(const std::string& code, const std::string& message)>;

  // Never fails: an index that cannot be kept is kept in memory. A missing out folder holds no runs and is
  // not made.
  static RunIndex open(const std::filesystem::path& out_dir, Warn warn);

  // base.interrupted; base.file when the out folder cannot be listed.
  Status refresh();
  // Of what refresh() saw; same codes.
  Result<FoundRuns> find(const RunQuery& query);
  // Forgets everything and reads every folder. Same codes.
  Result<RebuiltIndex> rebuild();

  const std::string& place() const { return place_; }  // the file, or ":memory:"

 private:
  RunIndex(std::filesystem::path out_dir, Warn warn) : out_dir_(std::move(out_dir)), warn_(std::move(warn)) {}
  void open_store();
  void replace_store(const Error& error);
  void use_memory(const Error& error);
  Status use(const std::function<Status(RunStore&)>& work);
  Status refresh_store(RunStore& store);
  Status list_again(RunStore& store, const OutStamp& before, const OutStamp& now);
  Status read_again(RunStore& store, const std::vector<KnownRun>& runs, const OutStamp& stamp);
  Result<bool> correct_shown(RunStore& store, const std::vector<RunRow>& rows);

  std::filesystem::path out_dir_;
  Warn warn_;
  std::string place_;
  std::unique_ptr<RunStore> store_;
};

}  // namespace assay::results
