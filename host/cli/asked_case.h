// A run's case built again from how it was asked, for verbs that go on with a run or look into it.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/subject_options.h"
#include "config/catalogue.h"
#include "results/case_lock.h"
#include "run/case_spec.h"

namespace assay::cli {

struct AskedCase {
  run::CaseSpec spec;
  std::string unit;  // --unit of the run
};

// What is kept in [asked] of a run's lock, for runs that another verb than `run` made.
std::vector<std::pair<std::string, std::string>> asked_of(const SubjectOptions& subject,
                                                          const std::string& unit, uint64_t seed,
                                                          const config::LoadedProfile& profile);

// `lock`: profile.lock.toml of the run in `folder`. results.bad_run when [asked] was edited, or when the run
// was one case of several, which options alone do not make again; errors of case_of.
Result<AskedCase> asked_case(const results::CaseLock& lock, const std::filesystem::path& folder);

}  // namespace assay::cli
