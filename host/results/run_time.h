// UTC time as run folders write it, independent of the machine's zone and locale.
#pragma once

#include <string>

namespace assay::results {

std::string utc_now_text();     // "2026-11-24T21:40:05.123Z", milliseconds
std::string utc_folder_text();  // "2026-11-24T21-40-05": no colons, sorts by time

}  // namespace assay::results
