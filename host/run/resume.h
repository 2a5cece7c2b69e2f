// Going on with a run that was killed, interrupted or failed, so that its results equal those of an
// undisturbed one.
//
// The caller asks the run how it was named (asked()), builds that case again, and gives both to run_case(),
// which compares everything that decides results, keeps the finished samples and does the rest.
#pragma once

#include "results/case_lock.h"
#include "results/run_claim.h"

namespace assay::run {

struct Resumption {
  results::RunClaim claim;   // nobody else writes the folder meanwhile
  results::CaseLock before;  // what the run was resolved to when it began

  std::string asked(const std::string& key) const {
    return before.text(std::string(results::CaseLock::kAsked) + "." + key);
  }
};

// run.already_complete, run.still_going, results.bad_run (no run folder, or one without a readable
// profile.lock.toml). `command` is what others are told meanwhile.
Result<Resumption> open_resumption(const std::filesystem::path& folder, const std::string& command);

// run.resume_changed names what is not as it was.
Status check_unchanged(const Resumption& resumption, const results::CaseLock& now);

}  // namespace assay::run
