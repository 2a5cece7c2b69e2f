#include "cli/observe_display.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/terminal.h"

namespace assay::cli {
namespace {

// "3.21 ms", "1.48 M instructions".
std::string time_text(double ticks, const run::TickUnit& unit) {
  const double value = ticks * unit.per_tick;
  if (!unit.is_time()) {
    if (value >= 1e6) return fmt::format("{:.2f} M {}", value / 1e6, unit.name);
    return fmt::format("{:.0f} {}", value, unit.name);
  }
  if (value >= 1e6) return fmt::format("{:.3g} s", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.3g} ms", value / 1e3);
  return fmt::format("{:.3g} us", value);
}

std::string percentile_text(const link::Timing& timing, double quantile, const run::TickUnit& unit) {
  const auto ticks = timing.percentile(quantile);
  return ticks ? time_text(static_cast<double>(*ticks), unit) : "-";
}

std::string misses_text(const link::Timing& timing) {
  return timing.deadline_ticks > 0 ? std::to_string(timing.misses) : "-";
}

const char* kind_of(const run::ObservedRecord& record) {
  return record.of == link::TimingOf::kModel ? "model" : "span";
}

std::string head_line(const link::BoardInfo& board, const run::Snapshot& snapshot) {
  std::string line = fmt::format("{} firmware {}  {:.0f} s  resets {}", board.board,
                                 board.build_id.substr(0, 8), snapshot.seconds, snapshot.resets);
  if (snapshot.silences > 0) line += fmt::format("  silences {}", snapshot.silences);
  if (snapshot.stack_touched) {
    line += fmt::format("  stack {} of {} B", *snapshot.stack_touched, snapshot.stack_bytes.value_or(0));
  }
  return line;
}

std::string table_text(const link::BoardInfo& board, const run::TickUnit& unit,
                       const run::Snapshot& snapshot) {
  std::vector<std::vector<std::string>> rows;
  for (const run::ObservedRecord& record : snapshot.records) {
    const link::Timing& all = record.total;
    const bool any = all.count > 0;
    rows.push_back(
        {kind_of(record), record.name, std::to_string(all.count), percentile_text(all, 0.5, unit),
         percentile_text(all, 0.95, unit), any ? time_text(static_cast<double>(all.ticks_max), unit) : "-",
         any ? time_text(static_cast<double>(all.ticks) / all.count, unit) : "-", misses_text(all)});
  }
  return head_line(board, snapshot) + "\n" +
         table({"kind", "name", ">count", ">p50", ">p95", ">max", ">mean", ">misses"}, rows,
               columns(STDOUT_FILENO));
}

}  // namespace

ObserveDisplay::Style ObserveDisplay::style_for(bool json) {
  if (json) return Style::kJson;
  return rewrites(STDOUT_FILENO) ? Style::kTable : Style::kLines;
}

void ObserveDisplay::rewrite(const std::string& text) {
  if (lines_ > 0) fmt::print("\x1b[{}A\x1b[J", lines_);
  fmt::print("{}", text);
  lines_ = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

void ObserveDisplay::show(const link::BoardInfo& board, const run::TickUnit& unit,
                          const run::Snapshot& snapshot) {
  if (style_ == Style::kTable) {
    rewrite(table_text(board, unit, snapshot));
  } else if (style_ == Style::kJson) {
    fmt::print("{}\n", run::snapshot_json(board, unit, snapshot, "running", -1));
  } else {
    for (const run::ObservedRecord& record : snapshot.records) {
      const link::Timing& now = record.interval;
      fmt::print("{:8.1f} s  {} {}  n {}  p50 {}  p95 {}  max {}  misses {}  resets {}\n", snapshot.seconds,
                 kind_of(record), record.name, now.count, percentile_text(now, 0.5, unit),
                 percentile_text(now, 0.95, unit),
                 now.count > 0 ? time_text(static_cast<double>(now.ticks_max), unit) : "-", misses_text(now),
                 snapshot.resets);
    }
  }
  fflush(stdout);
}

void ObserveDisplay::event(const std::string& words) {
  if (style_ == Style::kJson) return;  // resets and silences are in each object
  fmt::print("{}\n", words);
  lines_ = 0;  // it stands above the next table
  fflush(stdout);
}

void ObserveDisplay::finish(const link::BoardInfo& board, const run::TickUnit& unit,
                            const run::Snapshot& snapshot, const std::string& ended,
                            const std::string& folder) {
  if (style_ == Style::kJson) {
    fmt::print("{}\n", run::snapshot_json(board, unit, snapshot, ended, -1));
    return;
  }
  rewrite(table_text(board, unit, snapshot));
  fmt::print("Ended: {}. Percentiles are known to {:.1f} %; what the board counted is in {}\n", ended,
             link::kBinResolution * 100, folder);
}

}  // namespace assay::cli
