// How runs are named and found: the second half of run_folder.h.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/digest.h"
#include "results/run_folder.h"
#include "results/run_time.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;

std::string safe(const std::string& text) {
  std::string out;
  for (char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    out += plain ? c : '-';
  }
  return out.empty() ? "run" : out;
}

// The folder's own name, also for "out/x/" and ".".
std::string name_of(const fs::path& folder) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(folder, error);
  if (error) whole = folder.lexically_normal();
  return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

}  // namespace

std::string run_id_of(const fs::path& folder) { return sha256_hex(name_of(folder)).substr(0, 7); }

fs::path new_run_path(const fs::path& out_dir, const std::string& profile, const std::string& board,
                      std::chrono::system_clock::time_point now) {
  std::string time = utc_folder_text(now);
  std::error_code error;
  for (fs::directory_iterator entry(out_dir, error), end; !error && entry != end; entry.increment(error)) {
    const auto newest = time_of_folder_text(entry->path().filename().string());
    if (!newest) continue;
    const std::string after = utc_folder_text(*newest + std::chrono::seconds(1));
    if (after > time) time = after;
  }
  return out_dir / fmt::format("{}_{}_{}", time, safe(profile), safe(board));
}

std::vector<fs::path> list_runs(const fs::path& out_dir) {
  std::vector<fs::path> runs;
  std::error_code error;
  for (fs::directory_iterator entry(out_dir, error), end; !error && entry != end; entry.increment(error)) {
    // Names with a dot in front are of runs that do not have their name yet.
    if (!entry->path().filename().string().starts_with('.') && RunFolder::open(entry->path()))
      runs.push_back(entry->path());
  }
  // Names start with the UTC time.
  std::sort(runs.begin(), runs.end(),
            [](const fs::path& a, const fs::path& b) { return a.filename() < b.filename(); });
  return runs;
}

Result<fs::path> resolve_run(const std::string& name, const fs::path& out_dir) {
  std::error_code error;
  if (name.empty()) return fail("results.no_run", "the name of the run is empty");
  if (name != "@last" && fs::is_directory(name, error)) {
    ASSAY_TRY(const RunFolder folder, RunFolder::open(name));
    return folder.path();
  }
  const std::vector<fs::path> runs = list_runs(out_dir);
  if (name == "@last") {
    if (runs.empty())
      return fail("results.no_run", fmt::format("there is no run in {} yet", out_dir.string()));
    return runs.back();
  }
  std::vector<fs::path> matches;
  for (const fs::path& run : runs) {
    const std::string folder_name = run.filename().string();
    if (folder_name == name) return run;
    const bool by_id = name.size() >= 4 && run_id_of(run).starts_with(name);
    if (by_id || folder_name.starts_with(name)) matches.push_back(run);
  }
  if (matches.size() == 1) return matches[0];
  if (matches.empty()) {
    return fail("results.no_run", fmt::format("no run in {} is called '{}' ({} runs there)", out_dir.string(),
                                              name, runs.size()));
  }
  std::vector<std::string> names;
  for (const fs::path& match : matches) names.push_back(match.filename().string());
  return fail("results.no_run", fmt::format("'{}' may be {}", name, fmt::join(names, " or ")));
}

}  // namespace assay::results
