// Deleting runs: which ones, and how without ever leaving half of one.
//
// Every criterion that is given must name a run for it to go. Nothing but a run folder goes (is_run_folder),
// no link, and no run that somebody works on. A run is first moved to <out>/.assay/trash: whoever looks
// meanwhile, or after a crash in the middle, sees either the whole run or none; the next call empties the
// trash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/run_row.h"

namespace assay::results {

struct GcRules {
  std::optional<int64_t>
      keep;  // spares the newest so many complete runs, and what is newer than the last of them
  std::optional<double> older_than_s;  // only runs that started longer ago
  bool incomplete = false;             // only runs without manifest
  bool any() const { return keep || older_than_s || incomplete; }
};

// Of all rows, newest first, those that the rules name. `now`: seconds since 1970.
std::vector<RunRow> runs_to_delete(const std::vector<RunRow>& newest_first, const GcRules& rules,
                                   int64_t now);

struct GcOutcome {
  struct Item {
    std::string name;
    int64_t bytes = 0;   // on disk
    std::string spared;  // why it stays; empty: it went, or would
  };
  std::vector<Item> items;
  int64_t deleted = 0, bytes = 0;
};

// Deletes the runs below out_dir; `dry_run` only says what it would do. base.interrupted, base.file.
Result<GcOutcome> delete_runs(const std::filesystem::path& out_dir, const std::vector<RunRow>& runs,
                              bool dry_run);

// "30d", "12h", "90m", "45s", "2w" in seconds. config.value.
Result<double> parse_age(const std::string& text);

}  // namespace assay::results
