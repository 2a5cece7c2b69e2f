#include "results/run_time.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

namespace assay::results {
namespace {

using Clock = std::chrono::system_clock;

std::tm utc_of(Clock::time_point time) {
  const std::time_t seconds = Clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return utc;
}

std::string date(const std::tm& utc) {
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

}  // namespace

std::string utc_now_text() {
  const auto now = Clock::now();
  const std::tm utc = utc_of(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", date(utc), utc.tm_hour, utc.tm_min, utc.tm_sec,
                     milliseconds);
}

std::string utc_folder_text(Clock::time_point time) {
  const std::tm utc = utc_of(time);
  return fmt::format("{}T{:02}-{:02}-{:02}", date(utc), utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::optional<Clock::time_point> time_of_folder_text(const std::string& name) {
  std::tm utc{};
  int length = 0;
  const int fields = std::sscanf(name.c_str(), "%4d-%2d-%2dT%2d-%2d-%2d%n", &utc.tm_year, &utc.tm_mon,
                                 &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &length);
  if (fields != 6 || length != 19 || (name.size() > 19 && name[19] != '_')) return std::nullopt;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  const auto time = Clock::from_time_t(timegm(&utc));
  return utc_folder_text(time) == name.substr(0, 19) ? std::optional(time) : std::nullopt;
}

}  // namespace assay::results
