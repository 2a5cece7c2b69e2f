// UTC time as run folders write it, independent of the machine's zone and locale. Wall-clock times are for
// people and names; durations are differences of std::chrono::steady_clock, since the wall clock may be set
// back meanwhile.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace assay::results {

std::string utc_now_text();  // "2026-11-24T21:40:05.123Z", milliseconds
// "2026-11-24T21-40-05": no colons, sorts by time.
std::string utc_folder_text(std::chrono::system_clock::time_point time);
// The time at the start of such a name; nullopt when there is none.
std::optional<std::chrono::system_clock::time_point> time_of_folder_text(const std::string& name);

}  // namespace assay::results
