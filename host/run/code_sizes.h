// Which functions and operators of a firmware image take its flash, for the summary.
#pragma once

#include <filesystem>

#include "results/summary.h"
#include "run/prepared.h"

namespace assay::run {

// The largest symbols and the sizes by operator. Does nothing where the image cannot be read or has no symbols:
// sizes are worth no run.
void fill_code_sizes(const std::filesystem::path& elf, const Prepared& prepared, results::Flash& flash);

}  // namespace assay::run
