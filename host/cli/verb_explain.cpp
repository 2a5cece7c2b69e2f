#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/exit_meaning.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "config/nearest.h"

namespace assay::cli {
namespace {

struct ExplainOptions {
  std::vector<std::string> codes;
  bool json = false, markdown = false;
};

nlohmann::ordered_json json_of(const ErrorCode& entry) {
  return {{"code", entry.code},
          {"exit_code", static_cast<int>(entry.exit)},
          {"exit_meaning", meaning_of(entry.exit)},
          {"meaning", entry.meaning},
          {"remedy", entry.remedy}};
}

void print_one(const ErrorCode& entry) {
  fmt::print("{}\n", entry.code);
  const std::pair<const char*, std::string> lines[] = {
      {"exit", fmt::format("{}, {}", static_cast<int>(entry.exit), meaning_of(entry.exit))},
      {"meaning", std::string(entry.meaning)},
      {"remedy", std::string(entry.remedy)}};
  for (const auto& [name, text] : lines) {
    const char* label = name;
    for (const std::string& line : wrapped(text, std::min(columns(1), 100) - 11)) {
      fmt::print("  {:<7}  {}\n", label, line);
      label = "";
    }
  }
}

void print_all(const std::vector<const ErrorCode*>& entries, bool markdown) {
  if (markdown) fmt::print("| code | exit | meaning | remedy |\n|---|---|---|---|\n");
  std::vector<std::vector<std::string>> rows;
  for (const ErrorCode* entry : entries) {
    if (markdown) {
      fmt::print("| `{}` | {} {} | {} | {} |\n", entry->code, static_cast<int>(entry->exit),
                 meaning_of(entry->exit), entry->meaning, entry->remedy);
    }
    rows.push_back({std::string(entry->code), fmt::format("{}", static_cast<int>(entry->exit)),
                    std::string(entry->meaning)});
  }
  if (!markdown) fmt::print("{}", table({"code", ">exit", "meaning"}, rows, columns(1)));
}

// The codes of an area ("link"), or all when the area is empty.
std::vector<const ErrorCode*> codes_of(const std::string& area) {
  std::vector<const ErrorCode*> found;
  for (const ErrorCode& entry : error_codes()) {
    if (area.empty() || entry.code.substr(0, entry.code.find('.')) == area) found.push_back(&entry);
  }
  return found;
}

tl::unexpected<Error> unknown(const std::string& code) {
  std::vector<std::string> known;
  for (const ErrorCode& entry : error_codes()) known.emplace_back(entry.code);
  const std::string near = config::nearest(code, known);
  return fail("cli.unknown_code", fmt::format("there is no error code '{}'", code), "",
              fmt::format("{}`assay explain` lists all.",
                          near.empty() ? "" : fmt::format("Did you mean '{}'? ", near)));
}

// What the words name: codes, or areas of codes; without words all.
Result<std::vector<const ErrorCode*>> chosen(const std::vector<std::string>& words) {
  if (words.empty()) return codes_of("");
  std::vector<const ErrorCode*> all;
  for (const std::string& word : words) {
    if (const ErrorCode* entry = find_error_code(word)) {
      all.push_back(entry);
      continue;
    }
    const auto area = codes_of(word);
    if (word.empty() || area.empty()) return unknown(word);
    all.insert(all.end(), area.begin(), area.end());
  }
  return all;
}

Result<Exit> explain(const ExplainOptions& options) {
  ASSAY_TRY(const std::vector<const ErrorCode*> entries, chosen(options.codes));
  const bool by_name =
      std::all_of(options.codes.begin(), options.codes.end(), find_error_code) && !options.codes.empty();
  if (options.json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const ErrorCode* entry : entries) all.push_back(json_of(*entry));
    fmt::print("{}\n", (options.codes.size() == 1 && by_name ? all[0] : all).dump(2));
  } else if (by_name && !options.markdown) {
    for (const ErrorCode* entry : entries) print_one(*entry);
  } else {
    print_all(entries, options.markdown);
  }
  return Exit::kPass;
}

}  // namespace

void add_explain(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ExplainOptions>();
  Options options(verb);
  options.positional("code", choice->codes, "Codes (link.port_busy) or areas (link); without any: all");
  options.flag("--json", choice->json, "Print JSON");
  options.flag("--markdown", choice->markdown, "Print a Markdown table");
  options.on_chosen(action, [choice] { return explain(*choice); });
}

}  // namespace assay::cli
