#include "cli/run_index.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/terminal.h"

namespace assay::cli {

results::RunIndex open_run_index(const std::filesystem::path& out_dir) {
  return results::RunIndex::open(out_dir, [](const std::string& code, const std::string& message) {
    const bool colour = colour_on(STDERR_FILENO);
    fmt::print(stderr, "{}warning[{}]{}: {}\n", colour ? "\033[1;33m" : "", code, colour ? "\033[0m" : "",
               message);
  });
}

}  // namespace assay::cli
