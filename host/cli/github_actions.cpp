#include "cli/github_actions.h"

#include <fmt/format.h>

#include <cstdlib>

#include "report/github.h"
#include "report/markdown.h"

namespace assay::cli {
namespace {

constexpr size_t kLongestSummary = 900'000;  // bytes; GitHub refuses more than 1 MiB a step

std::string value_of(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

bool in_github_actions() { return value_of("GITHUB_ACTIONS") == "true"; }

void tell_github(const report::View& view, bool json) {
  fmt::print(json ? stderr : stdout, "{}", report::github_commands(view));
  const std::string path = value_of("GITHUB_STEP_SUMMARY");
  if (path.empty()) return;
  std::string text = report::markdown_report(view) + "\n";
  if (text.size() > kLongestSummary)
    text = fmt::format("The summary of run {} is too long for GitHub.\n", view.summary.run_id);
  FILE* file = fopen(path.c_str(), "a");
  const bool written = file && fwrite(text.data(), 1, text.size(), file) == text.size();
  if (!file || fclose(file) != 0 || !written)
    fmt::print(stderr, "assay: cannot append to GITHUB_STEP_SUMMARY ({})\n", path);
}

}  // namespace assay::cli
