#include "run/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/files.h"

namespace assay::run {
namespace {

// A verdict that another attempt would not change; "interrupted" and "error" are none.
bool decided(const std::string& verdict) {
  return verdict == "pass" || verdict == "fail" || verdict == "inconclusive";
}

constexpr size_t kNamed = 4;  // differences that a message names

}  // namespace

Result<Resumption> open_resumption(const std::filesystem::path& path, const std::string& command) {
  ASSAY_TRY(results::RunClaim claim, results::RunClaim::reopen(path, command));
  const results::RunFolder& folder = claim.folder();
  if (folder.complete() && folder.has(results::file::kSummary)) {
    ASSAY_TRY(const results::Summary summary, folder.read_summary());
    if (decided(summary.verdict)) {
      claim.discard_journal();  // a kill in the run's last moment leaves it
      return fail("run.already_complete",
                  fmt::format("run {} is complete, its verdict is '{}'", folder.id(), summary.verdict),
                  path.string());
    }
  }
  const auto lock = folder.path(results::file::kProfileLock);
  auto text = read_text(lock);
  if (!text) {
    return fail("results.bad_run",
                fmt::format("run {} has no profile.lock.toml, so what it was cannot be known", folder.id()),
                path.string(), "Start a new run.");
  }
  ASSAY_TRY(results::CaseLock before, results::CaseLock::parse(*text, lock.string()));
  if (before.text("assay.version").empty()) {
    return fail("results.bad_run",
                fmt::format("run {} was begun by an Assay that could not resume", folder.id()), path.string(),
                "Start a new run.");
  }
  return Resumption{std::move(claim), std::move(before)};
}

Status check_unchanged(const Resumption& resumption, const results::CaseLock& now) {
  std::vector<std::string> changed = results::CaseLock::differences(resumption.before, now);
  if (changed.empty()) return {};
  const size_t more = changed.size() - std::min(changed.size(), kNamed);
  changed.resize(std::min(changed.size(), kNamed));
  return fail("run.resume_changed",
              fmt::format("not as it was when the run began: {}{}", fmt::join(changed, "; "),
                          more ? fmt::format("; and {} more", more) : ""),
              resumption.claim.folder().path().string());
}

}  // namespace assay::run
