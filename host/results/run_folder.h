// The run folder: everything about one case in open formats. This file knows what each file is called and
// what it is.
//
// Order of a run: create(), journal samples and events, write the tables, write_summary(), write_manifest()
// last: a folder without manifest.json is incomplete. A new file is one line of kRoles in run_folder.cpp.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "results/append_file.h"
#include "results/events.h"
#include "results/tables.h"

namespace assay::results {

// The files of cli.md's table by name; any of them may be absent.
namespace file {
inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kSummary = "summary.json";
inline constexpr const char* kProfileLock = "profile.lock.toml";
inline constexpr const char* kEvents = "events.jsonl";
inline constexpr const char* kSamples = "samples.csv";
inline constexpr const char* kSlices = "slices.csv";  // index,id, then a column for each to slice by
inline constexpr const char* kInputs = "inputs.npy";  // of flips and chosen samples
inline constexpr const char* kInputIndex =
    "inputs_index.npy";                            // dataset index of each row of inputs.npy, int64
inline constexpr const char* kCases = "run.json";  // of a run of several cases: which they are
inline constexpr const char* kGraph = "graph.json";
inline constexpr const char* kOutputs = "outputs.npy";  // device outputs, one row a sample, in dataset order
inline constexpr const char* kTicks = "ticks.npy";      // int64, raw ticks, one a sample
inline constexpr const char* kOps = "ops.csv";
inline constexpr const char* kMemory = "memory.json";
inline constexpr const char* kFlips = "flips.csv";
inline constexpr const char* kFirmware = "firmware.elf";
inline constexpr const char* kPlan = "plan.bin";
inline constexpr const char* kConsoleLog = "console.log";
inline constexpr const char* kProbeLog = "probe.log";
inline constexpr const char* kVboardLog = "vboard.log";
inline constexpr const char* kReportHtml = "report.html";
inline constexpr const char* kJunit = "junit.xml";
inline constexpr const char* kReportCss = "report.css";
inline constexpr const char* kTensors = "tensors";  // folders
inline constexpr const char* kPower = "power";
inline constexpr const char* kReferences = "refs";  // refs/<reference id>.npy: outputs, one row a sample
inline constexpr const char* kAttempts =
    "attempts";  // attempts/<n>/: what earlier attempts of a resumed run said
// Working files, no part of the result.
inline constexpr const char* kLock = ".lock";                // run_claim.h
inline constexpr const char* kOutputsPart = "outputs.part";  // output_journal.h
}  // namespace file

class SampleJournal {
 public:
  // Appends a row at once; base.file when the disk is full: the journal keeps whole rows only.
  Status write(const SampleRow& row) { return file_.append(sample_line(row)); }

 private:
  friend class RunFolder;
  explicit SampleJournal(AppendFile file) : file_(std::move(file)) {}
  AppendFile file_;
};

class RunFolder {
 public:
  // Makes the folder and its parents, for a writer without rivals (imports, tests); runs use RunClaim.
  // base.file; results.bad_run when it exists and is not empty.
  static Result<RunFolder> create(const std::filesystem::path& path);
  // results.bad_run when the path is no folder or has none of summary, samples, events, manifest and
  // profile.lock.toml.
  static Result<RunFolder> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path path(std::string_view name) const { return path_ / name; }
  bool has(std::string_view name) const;
  bool complete() const { return has(file::kManifest); }
  std::string id() const;  // run_id_of the folder's name

  // base.file, results.bad_summary.
  Status write_summary(const Summary& summary) const;
  Result<Summary> read_summary() const;

  // samples.csv; an existing journal is continued (resume).
  Result<SampleJournal> sample_journal() const;
  Result<std::vector<SampleRow>> read_samples() const;
  Result<EventWriter> event_writer() const;

  Status write_flips(const std::vector<Flip>& flips) const;
  Result<std::vector<Flip>> read_flips() const;
  Status write_ops(const std::vector<Layer>& layers) const;
  Result<std::vector<Layer>> read_ops() const;
  Status write_memory(const Memory& memory) const;
  Result<Memory> read_memory() const;

  // Every regular file of the folder, sorted, with size, hash and role; neither manifest.json nor working
  // files.
  Result<std::vector<Artifact>> artifacts() const;
  // manifest.json over artifacts(): call it last.
  Status write_manifest() const;
  // Files that are missing, changed or not listed, one sentence each. results.bad_run: no or damaged
  // manifest.
  Result<std::vector<std::string>> verify_manifest() const;

 private:
  friend class RunClaim;
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// 7 hex digits, a hash of the folder's name: no index is needed to find a run, and renaming a run is naming
// another.
std::string run_id_of(const std::filesystem::path& folder);

// <out_dir>/<UTC time>_<profile>_<board>, a name that does not exist yet; RunClaim::create_below takes it.
// Names sort in the order of starting: of a run that starts in the second of the newest one, or after the
// clock was set back, the time in the name is one second after the newest. Characters that file systems or
// shells dislike become '-'.
std::filesystem::path new_run_path(
    const std::filesystem::path& out_dir, const std::string& profile, const std::string& board,
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

// Run folders of out_dir, oldest first. A missing out_dir has none.
std::vector<std::filesystem::path> list_runs(const std::filesystem::path& out_dir);

// `name`: a path of a run folder, the start (>= 4 digits) of a run id, the start of a folder name, or @last.
// results.no_run (none or several match: they are listed), results.bad_run.
Result<std::filesystem::path> resolve_run(const std::string& name, const std::filesystem::path& out_dir);

}  // namespace assay::results
