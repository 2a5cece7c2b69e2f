#include "cli/exit_meaning.h"

#include <fmt/format.h>

namespace assay::cli {
namespace {

constexpr ExitMeaning kMeanings[] = {
    {Exit::kPass, "pass"},
    {Exit::kGateFailed, "gate failed"},
    {Exit::kUsage, "usage or configuration"},
    {Exit::kInfrastructure, "infrastructure"},
    {Exit::kNoBoard, "no board or lease"},
    {Exit::kInconclusive, "inconclusive"},
    {Exit::kTargetFault, "target fault"},
    {Exit::kInterrupted, "interrupted"},
    {Exit::kTerminated, "terminated"},
};

}  // namespace

std::span<const ExitMeaning> exit_meanings() { return kMeanings; }

std::string_view meaning_of(Exit exit) {
  for (const ExitMeaning& entry : kMeanings) {
    if (entry.exit == exit) return entry.meaning;
  }
  return "unknown";
}

std::string exit_codes_text() {
  std::string text;
  for (const ExitMeaning& entry : kMeanings)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", static_cast<int>(entry.exit), entry.meaning);
  return text + ".";
}

}  // namespace assay::cli
