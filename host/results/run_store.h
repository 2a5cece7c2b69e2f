// Where the rows of the index lie. SQLite in a file is the one there is; a database that a team shares would
// be another.
//
// A store knows nothing of folders: index.h fills it from them and asks it. To add one: implement this
// interface beside sqlite_store.cpp, and choose it in open_place() of index.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/run_row.h"

namespace assay::results {

// Which runs; empty strings: any.
struct RunQuery {
  std::string profile, board, verdict;
  std::string since;  // UTC, "2026-11-24T21:40:05" or its beginning; that time included
  int64_t limit = 0;  // of the newest; 0: all
};

struct FoundRuns {
  std::vector<RunRow> rows;  // newest first
  int64_t total = 0;         // without the limit
};

// What the folder of run folders was like when the store was last brought up to date.
struct OutStamp {
  uint64_t inode = 0;
  int64_t modified_ns = 0;  // 0: too recent to be relied on
  bool operator==(const OutStamp&) const = default;
};

struct KnownRun {
  std::string name;
  int64_t stamp = 0;
  RunState state = RunState::kNoRun;
};

struct RunChanges {
  std::vector<RunRow> put;        // new or changed
  std::vector<std::string> gone;  // names
  OutStamp stamp;
};

// All: results.bad_index (damaged or not usable: it may be thrown away), results.index_busy (another process
// writes for longer than the store waits).
class RunStore {
 public:
  virtual ~RunStore() = default;
  virtual Result<OutStamp> stamp() = 0;
  // All rows, or those that are not settled or whose stamp is 0.
  virtual Result<std::vector<KnownRun>> known(bool unsettled_only) = 0;
  // All or nothing.
  virtual Status apply(const RunChanges& changes) = 0;
  virtual Result<FoundRuns> find(const RunQuery& query) = 0;
  virtual Status clear() = 0;
};

// `file`: created where it is missing, its folder is not; ":memory:" for one that ends with the process.
Result<std::unique_ptr<RunStore>> open_sqlite_store(const std::string& file);

}  // namespace assay::results
