#include "cli/option_words.h"

#include <algorithm>
#include <iterator>

namespace assay::cli {
namespace {

constexpr std::string_view kWhat = "What to run", kBoard = "Board", kHow = "How to run", kResults = "Results",
                           kOutput = "Output";

// clang-format off
constexpr OptionWords kWords[] = {
    // positionals
    {"code", "CODE", "", "codes"},
    {"file", "FILE", "", "files"},
    {"run", "RUN", "", "runs"},
    {"shell", "SHELL", "", ""},
    {"subject", "PROFILE|MODEL", "", "profiles"},
    // options, in the order of their groups
    {"--data", "PATH", kWhat, "files"},
    {"--labels", "FILE", kWhat, "files"},
    {"--float", "FILE", kWhat, "files"},
    {"--quantised", "", kWhat, ""},
    {"--samples", "A:B", kWhat, ""},
    {"--limit", "N", kWhat, ""},
    {"--model", "FILE", kWhat, "files"},
    {"--board", "BOARD", kBoard, "boards"},
    {"--unit", "UNIT", kBoard, ""},
    {"--state", "DIR", kBoard, "folders"},
    {"--mode", "MODE", kBoard, ""},
    {"--halt", "", kBoard, ""},
    {"--seed", "N", kHow, ""},
    {"--timeout-multiplier", "X", kHow, ""},
    {"--expect", "", kHow, ""},
    {"--no-references", "", kHow, ""},
    {"--no-cache", "", kHow, ""},
    {"--dry-run", "", kHow, ""},
    {"--resume", "RUN", kHow, "runs"},
    {"--for", "SECONDS", kHow, ""},
    {"--fix", "", kHow, ""},
    {"--out", "DIR", kResults, "folders"},
    {"--folder", "DIR", kResults, "folders"},
    {"--junit", "FILE", kResults, "files"},
    {"--to", "DIR", kResults, "folders"},
    {"--format", "FORMAT", kResults, ""},
    {"--quiet", "", kOutput, ""},
    {"--json", "", kOutput, ""},
    {"--markdown", "", kOutput, ""},
    {"--help", "", kOutput, ""},
    {"--version", "", kOutput, ""},
};
// clang-format on

}  // namespace

const OptionWords* find_option_words(std::string_view name) {
  const auto found = std::find_if(std::begin(kWords), std::end(kWords),
                                  [&](const OptionWords& words) { return words.name == name; });
  return found == std::end(kWords) ? nullptr : found;
}

}  // namespace assay::cli
