// Where the baseline of a run lies, and how it is loaded: shared by run, baseline and compare.
//
// The folder: --baselines, else [baseline] folder of the profile, else baselines/ where the command runs. In
// it: <profile>/<board>[-<toolchain>].toml.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "config/catalogue.h"
#include "metric/compare.h"
#include "results/comparison.h"

namespace assay::cli {

// Of a run: its profile as it stands now, when it is still there.
std::filesystem::path baseline_folder(const std::string& option, const config::Profile* profile);
// The profile that a run was started with; nullopt when it is gone or damaged.
std::optional<config::LoadedProfile> profile_of_run(const std::filesystem::path& run_folder);
// "@baseline": that of `other`; anything else: a run, or the file of a baseline.
// Errors of resolve_run, side_of_run and read_baseline.
Result<metric::Side> load_side(const std::string& name, const std::string& out, const std::string& baselines,
                               const std::filesystem::path& other_run);

}  // namespace assay::cli
