// What the exit codes mean, for help, man pages and `assay explain`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error_codes.h"

namespace assay::cli {

struct ExitMeaning {
  Exit exit;
  std::string_view meaning;  // "gate failed"
};

std::span<const ExitMeaning> exit_meanings();
std::string_view meaning_of(Exit exit);
// "0 pass, 1 gate failed, ..."
std::string exit_codes_text();

}  // namespace assay::cli
