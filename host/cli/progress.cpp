#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/terminal.h"

namespace assay::cli {
namespace {

constexpr auto kRewriteEvery = std::chrono::milliseconds(100);
constexpr auto kPlainEvery = std::chrono::seconds(10);
constexpr int kBarWidth = 16;

std::string bar(double share, bool unicode) {
  const int full = static_cast<int>(share * kBarWidth);
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < full ? (unicode ? "━" : "#") : (unicode ? " " : ".");
  return text;
}

std::string duration(double seconds) {
  return seconds < 90 ? fmt::format("{:.0f} s", seconds)
                      : fmt::format("{:.0f}:{:02.0f}", seconds / 60,
                                    static_cast<double>(static_cast<int>(seconds) % 60));
}

}  // namespace

ProgressLines::ProgressLines(bool quiet)
    : quiet_(quiet),
      terminal_(rewrites(STDERR_FILENO)),
      colour_(colour_on(STDERR_FILENO)),
      unicode_(unicode_on(STDERR_FILENO)) {}

ProgressLines::~ProgressLines() { clear_line(); }

void ProgressLines::clear_line() {
  if (live_) fmt::print(stderr, "\r\033[K");
  live_ = false;
}

void ProgressLines::done(run::Phase phase, const std::string& detail, double seconds) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  clear_line();
  const int room = std::max(20, columns(STDERR_FILENO) - 12 - 9);
  const auto lines = terminal_ ? wrapped(detail, room) : std::vector<std::string>{detail};
  fmt::print(stderr, "{}{:>10}{}  {:<{}} {:>5.1f} s\n", colour_ ? "\033[1;32m" : "", run::phase_name(phase),
             colour_ ? "\033[0m" : "", lines[0], terminal_ ? room : 0, seconds);
  for (size_t i = 1; i < lines.size(); ++i) fmt::print(stderr, "{:12}{}\n", "", lines[i]);
}

std::string ProgressLines::live_text(run::Phase phase, int64_t done, int64_t total,
                                     const std::string& detail) const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - phase_start_).count();
  std::string text = fmt::format("{:>10}  ", run::phase_name(phase));
  if (total <= 0) return text + detail;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  text += fmt::format("{}/{} {}", done, total, bar(share, unicode_));
  if (elapsed > 0.5 && done > 0) {
    const double rate = static_cast<double>(done) / elapsed;
    text += fmt::format("  {:.0f}/s  ETA {}", rate, duration(static_cast<double>(total - done) / rate));
  }
  return detail.empty() ? text : text + "  " + detail;
}

void ProgressLines::progress(run::Phase phase, int64_t done, int64_t total, const std::string& detail) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  // References advance beside the samples: the samples have the line until they are through.
  if (phase == run::Phase::kReferences && phase_ == run::Phase::kRunning &&
      now - last_print_ < std::chrono::seconds(1))
    return;
  if (phase != phase_) {
    phase_ = phase;
    phase_start_ = now;
    last_print_ = terminal_ ? Clock::time_point{} : now;
  }
  if (now - last_print_ < (terminal_ ? Clock::duration(kRewriteEvery) : Clock::duration(kPlainEvery))) return;
  last_print_ = now;
  std::string text = live_text(phase, done, total, detail);
  if (!terminal_) {
    fmt::print(stderr, "{}\n", text);
    return;
  }
  const auto width = static_cast<size_t>(columns(STDERR_FILENO) - 1);
  // Bars of multi-byte marks are never near the end of the line: cutting at code points is enough.
  while (text.size() > width + (unicode_ ? 2 * kBarWidth : 0)) text.pop_back();
  fmt::print(stderr, "\r\033[K{}", text);
  live_ = true;
}

void ProgressLines::warning(const std::string& code, const std::string& message) {
  const std::lock_guard lock(mutex_);
  clear_line();
  fmt::print(stderr, "{}warning[{}]{}: {}\n", colour_ ? "\033[1;33m" : "", code, colour_ ? "\033[0m" : "",
             message);
}

}  // namespace assay::cli
