#include "cli/baseline_place.h"

#include "base/files.h"
#include "results/baseline.h"
#include "results/case_lock.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace fs = std::filesystem;

fs::path baseline_folder(const std::string& option, const config::Profile* profile) {
  if (!option.empty()) return option;
  if (profile && !profile->baseline().folder().empty()) return profile->baseline().folder();
  return "baselines";
}

std::optional<config::LoadedProfile> profile_of_run(const fs::path& run_folder) {
  const auto text = read_text(run_folder / results::file::kProfileLock);
  if (!text) return std::nullopt;
  const auto lock = results::CaseLock::parse(*text, run_folder.string());
  const std::string subject = lock ? lock->text(std::string(results::CaseLock::kAsked) + ".subject") : "";
  std::error_code error;
  if (!subject.ends_with(".toml") || !fs::exists(subject, error)) return std::nullopt;
  auto profile = config::load_profile(subject);
  return profile ? std::optional(std::move(*profile)) : std::nullopt;
}

Result<metric::Side> load_side(const std::string& name, const std::string& out, const std::string& baselines,
                               const fs::path& other_run) {
  std::error_code error;
  if (name != "@baseline" && name.ends_with(".toml") && fs::is_regular_file(name, error)) {
    ASSAY_TRY(const results::Baseline baseline, results::read_baseline(name));
    return metric::side_of_baseline(baseline, name);
  }
  if (name != "@baseline") {
    ASSAY_TRY(const fs::path folder, results::resolve_run(name, out));
    return metric::side_of_run(folder);
  }
  if (other_run.empty())
    return fail("cli.usage", "@baseline is that of the other run: name one run at least");
  ASSAY_TRY(const metric::Side other, metric::side_of_run(other_run));
  const auto profile = profile_of_run(other_run);
  const fs::path file = results::baseline_file(
      baseline_folder(baselines, profile ? &profile->profile : nullptr), other.identity);
  ASSAY_TRY(const results::Baseline baseline, results::read_baseline(file));
  return metric::side_of_baseline(baseline, file.string());
}

}  // namespace assay::cli
