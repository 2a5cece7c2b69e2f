// The index of an out folder, as verbs open it: its warnings go to stderr.
#pragma once

#include "results/index.h"

namespace assay::cli {

results::RunIndex open_run_index(const std::filesystem::path& out_dir);

}  // namespace assay::cli
