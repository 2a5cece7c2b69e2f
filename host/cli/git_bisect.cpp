#include "cli/git_bisect.h"

#include <fmt/format.h>

#include <sstream>
#include <thread>

#include "base/subprocess.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kBudget = std::chrono::minutes(5);  // a checkout of a large tree on a slow disk

std::vector<std::string> git(const fs::path& folder, std::initializer_list<std::string> words) {
  std::vector<std::string> argv{"git", "-C", folder.string()};
  argv.insert(argv.end(), words);
  return argv;
}

Result<Output> run_git(const fs::path& folder, std::initializer_list<std::string> words) {
  return run_process({.argv = git(folder, words), .environment = {{"LC_ALL", "C"}}}, Deadline::in(kBudget));
}

bool fine(const Output& output) { return output.status.signal == 0 && output.status.code == 0; }

std::string line_of(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<std::string> commit_of(const fs::path& top, const std::string& revision) {
  // A name that begins with a dash would be an option.
  const bool name = !revision.empty() && revision.front() != '-';
  if (name) {
    ASSAY_TRY(const Output output,
              run_git(top, {"rev-parse", "--verify", "--quiet", revision + "^{commit}"}));
    if (fine(output)) return line_of(output.out);
  }
  return fail("bisect.bad_revision", fmt::format("git knows no commit '{}'", revision), top.string());
}

Status check_tree(const fs::path& top) {
  ASSAY_TRY(const Output log, run_git(top, {"rev-parse", "--git-path", "BISECT_LOG"}));
  std::error_code error;
  if (fs::exists(top / line_of(log.out), error))
    return fail("bisect.in_progress", "a bisection is open in this repository", top.string());
  ASSAY_TRY(const Output changes, run_git(top, {"status", "--porcelain", "--untracked-files=no"}));
  if (!fine(changes)) return fail("bisect.git_failed", line_of(changes.err), top.string());
  if (changes.out.empty()) return {};
  return fail("bisect.dirty",
              fmt::format("tracked files are changed, {} first", line_of(changes.out).substr(3)),
              top.string());
}

}  // namespace

Result<GitBisect> GitBisect::start(const fs::path& folder, const std::string& good, const std::string& bad) {
  ASSAY_TRY(const Output where, run_git(folder, {"rev-parse", "--show-toplevel"}));
  if (!fine(where)) return fail("bisect.no_repository", "this is no git work tree", folder.string());
  GitBisect bisect(line_of(where.out));
  ASSAY_CHECK(check_tree(bisect.top_));
  ASSAY_TRY(const std::string good_commit, commit_of(bisect.top_, good));
  ASSAY_TRY(const std::string bad_commit, commit_of(bisect.top_, bad));
  ASSAY_TRY(const Output ancestor,
            run_git(bisect.top_, {"merge-base", "--is-ancestor", good_commit, bad_commit}));
  if (!fine(ancestor) || good_commit == bad_commit)
    return fail("bisect.bad_revision",
                fmt::format("'{}' is no ancestor of '{}': the good commit is the older one", good, bad),
                bisect.top_.string());
  bisect.open_ = true;
  ASSAY_TRY(const Output started, run_git(bisect.top_, {"bisect", "start", bad_commit, good_commit}));
  if (!fine(started))
    return fail("bisect.git_failed", line_of(started.err.empty() ? started.out : started.err),
                bisect.top_.string());
  bisect.read_end(started.out);
  return bisect;
}

Result<Commit> GitBisect::describe(const std::string& revision) const {
  ASSAY_TRY(const Output output,
            run_git(top_, {"show", "-s", "--date=short", "--format=%H%n%ad%n%s", revision}));
  if (!fine(output)) return fail("bisect.git_failed", line_of(output.err), top_.string());
  std::istringstream lines(output.out);
  Commit commit;
  std::getline(lines, commit.sha), std::getline(lines, commit.when), std::getline(lines, commit.subject);
  return commit;
}

Result<Commit> GitBisect::current() const { return describe("HEAD"); }

Status GitBisect::mark(const std::string& word) {
  ASSAY_TRY(const Output output, run_git(top_, {"bisect", word}));
  read_end(output.out);
  // With only skipped commits left git ends with 2.
  if (!fine(output) && !over())
    return fail("bisect.git_failed", line_of(output.err.empty() ? output.out : output.err), top_.string());
  return {};
}

void GitBisect::read_end(const std::string& words) {
  std::istringstream lines(words);
  bool candidates = false;
  for (std::string line; std::getline(lines, line);) {
    if (const size_t at = line.find(" is the first bad commit"); at != std::string::npos)
      found_ = line.substr(0, at);
    if (line.starts_with("The first bad commit could be any of")) {
      candidates = true;
    } else if (candidates && line.size() >= 40 &&
               line.find_first_not_of("0123456789abcdef") == std::string::npos) {
      left_.push_back(line);
    }
  }
}

bool GitBisect::reset() {
  if (!open_) return true;
  open_ = false;
  auto process =
      Subprocess::start({.argv = git(top_, {"bisect", "reset"}), .out = Pipe::kNull, .err = Pipe::kNull});
  if (!process) return false;
  // wait() would end at the signal that may have brought us here.
  const Deadline deadline = Deadline::in(kBudget);
  while (process->running() && !deadline.passed()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto status = process->exit_status();
  return status && status->code == 0 && status->signal == 0;
}

}  // namespace assay::cli
