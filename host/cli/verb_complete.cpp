// Words for shells: one a line, quickly, and nothing when something is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/error_codes.h"
#include "cli/options.h"
#include "config/catalogue.h"

namespace assay::cli {
namespace {

std::vector<std::string> code_words() {
  std::vector<std::string> words;
  for (const ErrorCode& entry : error_codes()) words.emplace_back(entry.code);
  return words;
}

// Run folders below ./out, newest first (their names begin with their time).
std::vector<std::string> run_words() {
  std::vector<std::string> words;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("out", error)) {
    if (std::filesystem::exists(entry.path() / "manifest.json", error))
      words.push_back(entry.path().filename().string());
  }
  std::sort(words.rbegin(), words.rend());
  words.insert(words.begin(), "@last");
  return words;
}

struct Kind {
  const char* name;
  std::vector<std::string> (*words)();
};

constexpr Kind kKinds[] = {{"boards", config::board_names},
                           {"codes", code_words},
                           {"profiles", config::profile_names},
                           {"runs", run_words}};

}  // namespace

void add_complete(CLI::App& verb, Action& action) {
  auto kind = std::make_shared<std::string>();
  Options options(verb);
  options.positional("kind", *kind, "boards, codes, profiles or runs").required();
  options.on_chosen(action, [kind]() -> Result<Exit> {
    for (const Kind& entry : kKinds) {
      if (*kind != entry.name) continue;
      for (const std::string& word : entry.words()) fmt::print("{}\n", word);
    }
    return Exit::kPass;
  });
}

}  // namespace assay::cli
