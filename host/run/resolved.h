// What a case was resolved to, as the keys of profile.lock.toml: everything that decides its results, and how
// it was asked.
#pragma once

#include "results/case_lock.h"
#include "run/prepared.h"

namespace assay::run {

// `emulator`: name and version of the board's, empty where it has none. Contents count, places do not: files
// may move. base.file.
Result<results::CaseLock> resolve(const CaseSpec& spec, const Prepared& prepared,
                                  const std::string& emulator);

}  // namespace assay::run
