// A baseline: the figures that a profile is held to on a board, as a small file that people review in git.
//
// TOML with sorted keys and one figure a line, so that a diff of two baselines reads like a sentence. It is
// written by `assay baseline update` alone. Figures that repeat to the last digit have a value; those that
// scatter have median, lo and hi over `n` runs. To add a key: host/config/baseline.proto, and baseline_text()
// below.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/comparison.h"

namespace assay::results {

inline constexpr int64_t kBaselineSchema = 1;

struct Baseline {
  Identity identity;
  std::string run_id, started, git_commit;  // of the newest run behind it
  std::vector<std::string> class_names;     // every class of the dataset
  std::string outputs_sha256;               // of all outputs; empty: none were kept
  int64_t repeats = 1;                      // runs behind the figures that scatter
  std::vector<NamedFigure> figures;         // Figure::n, lo, hi of those that scatter: over the repeats
  std::vector<ClassCount> classes;
};

// <folder>/<profile>/<board>[-<toolchain>].toml; characters that file systems dislike become '-'.
std::filesystem::path baseline_file(const std::filesystem::path& folder, const Identity& identity);

std::string baseline_text(const Baseline& baseline);
// base.file, base.disk_full; baseline.read_only when the folder cannot be written.
Status write_baseline(const std::filesystem::path& file, const Baseline& baseline);
// baseline.missing, baseline.corrupt (names line and key), baseline.other_schema.
Result<Baseline> read_baseline(const std::filesystem::path& file);

}  // namespace assay::results
