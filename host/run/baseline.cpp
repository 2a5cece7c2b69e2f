#include "run/baseline.h"

#include "metric/baseline_check.h"
#include "results/baseline.h"

namespace assay::run {
namespace {

Result<metric::BaselineVerdict> check(const CaseSpec& spec, const results::RunFolder& folder,
                                      const results::Summary& summary, const std::filesystem::path& file) {
  ASSAY_TRY(const results::Baseline baseline, results::read_baseline(file));
  ASSAY_TRY(const metric::Side side, metric::side_of_summary(summary, folder));
  return metric::check_baseline(baseline, file.string(), side, metric::compare_options(spec.profile.profile));
}

}  // namespace

void hold_to_baseline(const CaseSpec& spec, const results::RunFolder& folder, results::Summary& summary) {
  const bool judged = summary.verdict != "error" && summary.verdict != "interrupted";
  if (!spec.baseline || !judged) return;
  const auto file = spec.baseline->file.empty()
                        ? results::baseline_file(spec.baseline->folder, results::identity_of(summary))
                        : spec.baseline->file;
  const auto held = check(spec, folder, summary, file);
  metric::hold(held ? *held : metric::no_baseline(held.error(), file.string()), summary);
}

}  // namespace assay::run
