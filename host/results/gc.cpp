#include "results/gc.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <ctime>

#include "base/files.h"
#include "base/interrupt.h"
#include "results/run_holders.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;

// An incomplete run that changed within this time may be at work where its process cannot be seen.
constexpr double kQuietSeconds = 600;

struct AgeUnit {
  char letter;
  double seconds;
};
constexpr AgeUnit kAgeUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};

// Seconds since 1970 of "2026-11-24T21:40:05"; nullopt when it is no such text.
std::optional<int64_t> seconds_of(const std::string& utc) {
  std::tm parts{};
  if (utc.size() < 19 || !strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) return std::nullopt;
  return timegm(&parts);
}

bool is_complete(const RunRow& row) {
  return row.state == RunState::kSettled || (row.verdict != "incomplete" && row.verdict != "unreadable");
}

int64_t bytes_below(const fs::path& folder) {
  int64_t bytes = 0;
  std::error_code error;
  auto add = [&](const fs::path& path) {
    struct stat found {};
    if (lstat(path.c_str(), &found) == 0) bytes += int64_t{found.st_blocks} * 512;
  };
  add(folder);
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    add(entry->path());
  return bytes;
}

// Why the folder must stay; empty: it may go.
std::string reason_to_stay(const fs::path& folder, const RunRow& row, const RunHolders& holders) {
  std::error_code error;
  if (fs::is_symlink(folder, error)) return "a link to another folder";
  if (!fs::is_directory(folder, error) || !is_run_folder(folder)) return "no run folder";
  const std::string holder = holders.holder_of(folder);
  if (!holder.empty()) return holder;
  const double quiet = seconds_since_change(folder);
  if (!is_complete(row) && quiet < kQuietSeconds)
    return fmt::format("incomplete and changed {:.0f} s ago: it may still be at work elsewhere",
                       std::max(quiet, 0.0));
  return "";
}

Status remove_whole(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) return {};
  return fail("base.file", fmt::format("cannot delete {}: {}", folder.string(), error.message()));
}

}  // namespace

std::vector<RunRow> runs_to_delete(const std::vector<RunRow>& newest_first, const GcRules& rules,
                                   int64_t now) {
  std::vector<RunRow> chosen;
  if (!rules.any()) return chosen;
  int64_t newer = 0;  // complete runs that are newer
  for (const RunRow& row : newest_first) {
    const bool complete = is_complete(row);
    const auto started = seconds_of(row.started);
    const bool beyond = !rules.keep || newer >= *rules.keep;
    const bool old =
        !rules.older_than_s || (started && static_cast<double>(now - *started) > *rules.older_than_s);
    if (beyond && old && (!rules.incomplete || !complete)) chosen.push_back(row);
    newer += complete ? 1 : 0;
  }
  return chosen;
}

Result<GcOutcome> delete_runs(const fs::path& out_dir, const std::vector<RunRow>& runs, bool dry_run) {
  GcOutcome outcome;
  const fs::path trash = out_dir / ".assay" / "trash";
  std::error_code error;
  if (!dry_run && fs::exists(trash, error)) ASSAY_CHECK(remove_whole(trash));
  if (!dry_run && !runs.empty()) ASSAY_CHECK(make_directories(trash));
  const RunHolders holders = RunHolders::look();
  for (const RunRow& row : runs) {
    if (interrupted()) return fail(interruption());
    const fs::path folder = out_dir / row.name;
    GcOutcome::Item item{row.name, 0, reason_to_stay(folder, row, holders)};
    if (item.spared.empty()) {
      item.bytes = bytes_below(folder);
      if (!dry_run) {
        fs::rename(folder, trash / row.name, error);
        if (error)
          return fail("base.file", fmt::format("cannot delete {}: {}", folder.string(), error.message()));
        ASSAY_CHECK(remove_whole(trash / row.name));
      }
      outcome.bytes += item.bytes;
      ++outcome.deleted;
    }
    outcome.items.push_back(std::move(item));
  }
  if (!dry_run) fs::remove(trash, error);
  return outcome;
}

Result<double> parse_age(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view rest =
      text.empty() ? "" : std::string_view(text).substr(static_cast<size_t>(end - text.data()));
  for (const AgeUnit& unit : kAgeUnits) {
    if (error == std::errc() && rest.size() == 1 && rest[0] == unit.letter && number >= 0 && number < 1e6)
      return number * unit.seconds;
  }
  return fail("config.value", fmt::format("'{}' is no age", text), "",
              "Write a number and a unit: 45s, 90m, 12h, 30d, 2w.");
}

}  // namespace assay::results
