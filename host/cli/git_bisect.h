// `git bisect` as a session that always ends: its destructor brings the repository back to where it was, also
// after an error or Ctrl-C.
//
// Steps are git's own (`git bisect start|good|bad|skip|reset`); this class only starts them, bounded, and
// reads which commit comes next. A killed process leaves git's bisection open: the next start says so.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::cli {

struct Commit {
  std::string sha;      // full
  std::string subject;  // first line of its message
  std::string when;     // 2026-11-24
};

class GitBisect {
 public:
  // Checks everything that git would trip over: bisect.no_repository, bisect.dirty (changed tracked files;
  // new files are no obstacle), bisect.in_progress, bisect.bad_revision (unknown, or `good` is no ancestor of
  // `bad`), base.tool_missing.
  static Result<GitBisect> start(const std::filesystem::path& folder, const std::string& good,
                                 const std::string& bad);

  GitBisect(GitBisect&& other) noexcept
      : top_(std::move(other.top_)),
        open_(other.open_),
        found_(std::move(other.found_)),
        left_(std::move(other.left_)) {
    other.open_ = false;
  }
  ~GitBisect() { reset(); }

  const std::filesystem::path& top() const { return top_; }  // of the work tree
  // What is checked out now.
  Result<Commit> current() const;
  // "good", "bad" or "skip" for what is checked out; moves on. bisect.git_failed.
  Status mark(const std::string& word);
  // Set when the search is over: the first bad commit, or, when only skipped ones are left, those that it may
  // be.
  const std::string& found() const { return found_; }
  const std::vector<std::string>& left() const { return left_; }
  bool over() const { return !found_.empty() || !left_.empty(); }
  Result<Commit> describe(const std::string& revision) const;
  // Idempotent, not stopped by a signal that came before. False: git could not.
  bool reset();

 private:
  explicit GitBisect(std::filesystem::path top) : top_(std::move(top)) {}
  void read_end(const std::string& words);
  std::filesystem::path top_;
  bool open_ = false;
  std::string found_;
  std::vector<std::string> left_;
};

}  // namespace assay::cli
