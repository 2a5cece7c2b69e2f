// A run's case built again from how it was asked, for verbs that go on with a run or look into it.
#pragma once

#include <filesystem>

#include "results/case_lock.h"
#include "run/case_spec.h"

namespace assay::cli {

struct AskedCase {
  run::CaseSpec spec;
  std::string unit;  // --unit of the run
};

// `lock`: profile.lock.toml of the run in `folder`. results.bad_run when [asked] was edited; errors of
// case_of.
Result<AskedCase> asked_case(const results::CaseLock& lock, const std::filesystem::path& folder);

}  // namespace assay::cli
