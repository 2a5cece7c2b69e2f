// One line of `assay runs`: what a run folder says about itself, in a form that an index can hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace assay::results {

enum class RunState : int {
  kSettled = 0,    // has its manifest and a verdict about the model: nothing more is expected
  kUnsettled = 1,  // no manifest yet, or ended early: may still become another
  kNoRun = 2,      // a folder beside the runs; it may become one
};

struct RunRow {
  std::string name;  // of the folder
  std::string id;    // run_id_of
  // When the folder last got or lost a file, ns since 1970; 0: too recent to tell whether it was read before
  // or after.
  int64_t stamp = 0;
  RunState state = RunState::kNoRun;
  std::string started;  // UTC, "2026-11-24T21:40:05"
  std::string profile, board, unit;
  std::string verdict;  // of summary.json; "incomplete" without manifest; "unreadable"
  std::string sentence;
  int64_t samples = 0;            // done
  std::optional<double> top1;     // of the device, share 0..1
  std::optional<double> latency;  // median of warm runs
  std::string latency_unit, latency_kind;
};

// Reads the folder; a row of state kNoRun when it is none. Never fails: what cannot be read is absent, and
// the verdict says "unreadable" where the summary is damaged.
RunRow read_run_row(const std::filesystem::path& folder);

// Whether the files of the folder are those of a run, by their content: a manifest.json or events.jsonl alone
// may be of anything. This is what may be deleted as a run.
bool is_run_folder(const std::filesystem::path& folder);

// Time of last change of the folder, or 0 where it is so recent that a later change could have the same time;
// nullopt: no such folder.
std::optional<int64_t> folder_stamp(const std::filesystem::path& folder);

// The time in a folder's name, "2026-11-24T21:40:05"; nullopt when it does not begin with one.
std::optional<std::string> time_in_name(std::string_view name);

}  // namespace assay::results
