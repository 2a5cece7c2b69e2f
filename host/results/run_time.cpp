#include "results/run_time.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

namespace assay::results {
namespace {

struct Now {
  std::tm utc{};
  int milliseconds = 0;
  Now() {
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    gmtime_r(&seconds, &utc);
    const auto since = now.time_since_epoch();
    milliseconds =
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000);
  }
  std::string date() const {
    return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
  }
};

}  // namespace

std::string utc_now_text() {
  const Now now;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", now.date(), now.utc.tm_hour, now.utc.tm_min,
                     now.utc.tm_sec, now.milliseconds);
}

std::string utc_folder_text() {
  const Now now;
  return fmt::format("{}T{:02}-{:02}-{:02}", now.date(), now.utc.tm_hour, now.utc.tm_min, now.utc.tm_sec);
}

}  // namespace assay::results
