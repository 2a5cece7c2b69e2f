#include "cli/option_words.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace assay::cli {
namespace {

constexpr std::string_view kWhat = "What to run", kBoard = "Board", kHow = "How to run",
                           kWhich = "Which runs", kResults = "Results", kOutput = "Output";

// clang-format off
constexpr OptionWords kWords[] = {
    // positionals
    {"command", "COMMAND", "", ""},
    {"code", "CODE", "", "codes"},
    {"elf", "ELF", "", "files"},
    {"file", "FILE", "", "files"},
    {"other", "ELF", "", "files"},
    {"run", "RUN", "", "runs"},
    {"runs", "RUN", "", "runs"},
    {"shell", "SHELL", "", ""},
    {"subject", "PROFILE|MODEL", "", "profiles"},
    {"data subject", "PROFILE|DATA", "", "profiles"},
    // options, in the order of their groups
    {"--from", "FILE", kWhat, "files"},
    {"--data", "PATH", kWhat, "files"},
    {"--labels", "FILE", kWhat, "files"},
    {"--float", "FILE", kWhat, "files"},
    {"--quantised", "", kWhat, ""},
    {"--samples", "A:B", kWhat, ""},
    {"diverge --samples", "WHICH", kWhat, ""},
    {"--ops", "LIST", kWhat, ""},
    {"--limit", "N", kWhat, ""},
    {"--slice", "NAME", kWhat, ""},
    {"--shuffle", "", kWhat, ""},
    {"--model", "FILE", kWhat, "files"},
    {"--board", "BOARD", kBoard, "boards"},
    {"--unit", "UNIT", kBoard, ""},
    {"--attach", "ADDRESS", kBoard, ""},
    {"--state", "DIR", kBoard, "folders"},
    {"--mode", "MODE", kBoard, ""},
    {"--halt", "", kBoard, ""},
    {"--recorded", "FILE", kBoard, "files"},
    {"--workers", "N", kHow, ""},
    {"--seed", "N", kHow, ""},
    {"--timeout-multiplier", "X", kHow, ""},
    {"--expect", "", kHow, ""},
    {"--no-references", "", kHow, ""},
    {"--no-cache", "", kHow, ""},
    {"--taps", "WHICH", kHow, ""},
    {"--dry-run", "", kHow, ""},
    {"--resume", "RUN", kHow, "runs"},
    {"--for", "SECONDS", kHow, ""},
    {"observe --for", "TIME", kHow, ""},
    {"--deadline", "TIME", kHow, ""},
    {"--interval", "SECONDS", kHow, ""},
    {"--fix", "", kHow, ""},
    {"--profile", "PROFILE", kWhich, "profiles"},
    {"runs --board", "BOARD", kWhich, "boards"},
    {"runs --limit", "N", kWhich, ""},
    {"--verdict", "VERDICT", kWhich, ""},
    {"--since", "TIME", kWhich, ""},
    {"--keep", "N", kWhich, ""},
    {"--older-than", "AGE", kWhich, ""},
    {"--incomplete", "", kWhich, ""},
    {"--out", "DIR", kResults, "folders"},
    {"--baseline", "", kResults, ""},
    {"--baselines", "DIR", kResults, "folders"},
    {"--good", "REV", kWhich, ""},
    {"--bad", "REV", kWhich, ""},
    {"--timeout", "SECONDS", kHow, ""},
    {"--fail-on", "WHAT", kResults, ""},
    {"--file", "FILE", kResults, "files"},
    {"--github", "", kResults, ""},
    {"--folder", "DIR", kResults, "folders"},
    {"--junit", "FILE", kResults, "files"},
    {"--to", "DIR", kResults, "folders"},
    {"--output", "FILE", kResults, "files"},
    {"--format", "FORMAT", kResults, ""},
    {"--quiet", "", kOutput, ""},
    {"--json", "", kOutput, ""},
    {"--by", "WHAT", kOutput, ""},
    {"size --limit", "N", kOutput, ""},
    {"--csv", "", kOutput, ""},
    {"--markdown", "", kOutput, ""},
    {"--help", "", kOutput, ""},
    {"--version", "", kOutput, ""},
};
// clang-format on

const OptionWords* find(std::string_view name) {
  const auto found = std::find_if(std::begin(kWords), std::end(kWords),
                                  [&](const OptionWords& words) { return words.name == name; });
  return found == std::end(kWords) ? nullptr : found;
}

}  // namespace

const OptionWords* find_option_words(std::string_view verb, std::string_view name) {
  const OptionWords* of_verb = find(std::string(verb) + " " + std::string(name));
  return of_verb ? of_verb : find(name);
}

}  // namespace assay::cli
