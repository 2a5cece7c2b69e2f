// How runs are named and found: the second half of run_folder.h.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/digest.h"
#include "results/run_folder.h"
#include "results/run_row.h"
#include "results/run_time.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIdSize = 7, kShortestId = 4;  // digits
constexpr size_t kListed = 10;                  // names in a message

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

// Names of what may be run folders, sorted: among 10^5 of them, looking into each would take seconds.
std::vector<std::string> folder_names(const fs::path& out_dir) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(out_dir, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && entry->is_directory(gone)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The newest, in the order of `assay runs`: names begin with the UTC time, or the run itself says when it
// was.
Result<fs::path> last_run(const std::vector<std::string>& names, const fs::path& out_dir) {
  std::pair<std::string, std::string> last;  // time, name
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const auto time = time_in_name(*name);
    if ((time && *time < last.first) || !RunFolder::open(out_dir / *name)) continue;
    last = std::max(last, std::pair(time ? *time : read_run_row(out_dir / *name).started, *name));
  }
  if (last.second.empty())
    return fail("results.no_run", fmt::format("there is no run in {} yet", out_dir.string()));
  return out_dir / last.second;
}

}  // namespace

std::string run_id_of(const fs::path& folder) { return sha256_hex(name_of(folder)).substr(0, kIdSize); }

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
  const std::vector<std::string> names = folder_names(out_dir);
  if (name == "@last") return last_run(names, out_dir);
  if (std::binary_search(names.begin(), names.end(), name) && RunFolder::open(out_dir / name))
    return out_dir / name;
  const bool may_be_id =
      name.size() >= kShortestId && name.find_first_not_of("0123456789abcdef") == std::string::npos;
  std::vector<std::string> matches;
  for (const std::string& folder : names) {
    const bool by_id = may_be_id && sha256_hex(folder).starts_with(name) && name.size() <= kIdSize;
    if ((by_id || folder.starts_with(name)) && RunFolder::open(out_dir / folder)) matches.push_back(folder);
  }
  if (matches.size() == 1) return out_dir / matches[0];
  if (matches.empty()) {
    return fail("results.no_run", fmt::format("no run in {} is called '{}' ({} folders there)",
                                              out_dir.string(), name, names.size()));
  }
  const size_t all = matches.size();
  matches.resize(std::min(all, kListed));
  return fail("results.no_run",
              fmt::format("'{}' may be {}{}", name, fmt::join(matches, " or "),
                          all > kListed ? fmt::format(" or {} others", all - kListed) : ""));
}

}  // namespace assay::results
