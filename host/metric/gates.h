// Gates: rules of a profile against a summary -> one verdict per rule and one for the run.
//
// A metric is one row of the table in gate_metrics.cpp: name, unit, and a function that takes the figure out
// of a summary. Bounds of a rule (docs/gates.md): min, max, equals, and margin_pp: the lower end of the 95 %
// interval must be
// >= -margin (non-inferiority; without any flip the bound is -3/n).
// Verdicts: a figure that is absent, invalid or not comparable is inconclusive, never a pass; with margin_pp
// a delta that is itself within the margin but whose interval is not is inconclusive (too few samples); a
// delta beyond it fails. Run: any fail -> fail; else any inconclusive -> inconclusive; else pass. Without
// gates: pass when samples were measured, inconclusive when none was.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/summary.h"

namespace assay::config {
class Profile;
}

namespace assay::metric {

struct Judgement {
  std::vector<results::Gate> gates;
  std::string verdict;  // pass | fail | inconclusive
  int exit_code = 0;    // 0, 1, 5
  std::string
      sentence;  // why: the owner of the loss, or "1 of 4 gates failed: memory.ram: 40000 B is above ..."
};

// config.value: an unknown metric (names the nearest), a rule without a bound or with one that the metric
// does not have. `places`: config::LoadedProfile::places.
Result<Judgement> judge(const config::Profile& profile, const std::map<std::string, std::string>& places,
                        const results::Summary& summary);
// The rules alone, for `assay check`: config.value as above.
Status check_gates(const config::Profile& profile, const std::map<std::string, std::string>& places);
// Names of the metrics that gates know, in table order.
std::vector<std::string> gate_metrics();

}  // namespace assay::metric
