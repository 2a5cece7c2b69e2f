// Renders a VerbDoc for a terminal: usage, arguments, options by group, exit codes, one example.
#include <fmt/format.h>

#include <algorithm>

#include "cli/exit_meaning.h"
#include "cli/terminal.h"
#include "cli/verb_doc.h"

namespace assay::cli {
namespace {

constexpr int kWidth = 80;
constexpr size_t kNames = 24;  // columns of names before their explanations begin

std::string label(const OptionDoc& option) {
  if (option.positional) return option.names[0];
  std::string text = option.names[0].starts_with("--") ? "    " : "";
  for (const auto& name : option.names) text += (name == option.names[0] ? "" : ", ") + name;
  return option.value.empty() ? text : text + " " + option.value;
}

std::string explanation(const OptionDoc& option) {
  std::string text = option.help;
  if (!option.choices.empty()) text += fmt::format(" ({})", fmt::join(option.choices, ", "));
  if (option.required) text += " [required]";
  if (!option.default_text.empty()) text += fmt::format(" [default: {}]", option.default_text);
  return text;
}

// Names on the left, text wrapped on the right; names that are too long have a line of their own.
std::string entry(const std::string& names, const std::string& text) {
  std::string out = "  " + names;
  const bool fits = names.size() + 4 <= kNames;
  bool first = true;
  for (const std::string& line : wrapped(text, kWidth - kNames)) {
    if (first && fits) {
      out += std::string(kNames - out.size(), ' ') + line + "\n";
    } else {
      out += (first ? "\n" : "") + std::string(kNames, ' ') + line + "\n";
    }
    first = false;
  }
  return out;
}

std::string usage(const VerbDoc& doc) {
  std::string text = "Usage: " + doc.path;
  if (!doc.below.empty()) return text + " VERB ...\n";
  if (std::any_of(doc.options.begin(), doc.options.end(),
                  [](const OptionDoc& option) { return !option.positional; }))
    text += " [OPTION]...";
  for (const OptionDoc& option : doc.options) {
    if (!option.positional) continue;
    const std::string word = option.names[0] + (option.repeats ? "..." : "");
    text += option.required ? " " + word : " [" + word + "]";
  }
  return text + "\n";
}

// Groups in the order in which their first option was declared; what every verb has comes last.
std::vector<std::string> groups_of(const VerbDoc& doc) {
  std::vector<std::string> groups;
  for (const std::string last : {"", "Output"}) {
    for (const OptionDoc& option : doc.options) {
      const bool is_last = option.group == "Output";
      if (!option.positional && is_last == !last.empty() &&
          std::find(groups.begin(), groups.end(), option.group) == groups.end())
        groups.push_back(option.group);
    }
  }
  return groups;
}

}  // namespace

std::string help_text(const VerbDoc& doc) {
  std::string text;
  for (const auto& line : wrapped(doc.summary, kWidth)) text += line + "\n";
  text += "\n" + usage(doc);
  std::string arguments;
  for (const OptionDoc& option : doc.options) {
    if (option.positional) arguments += entry(label(option), explanation(option));
  }
  if (!arguments.empty()) text += "\nArguments:\n" + arguments;
  if (!doc.below.empty()) text += "\nVerbs:\n";
  for (const VerbDoc& verb : doc.below) {
    if (!verb.summary.empty()) text += entry(verb.name, verb.summary);
  }
  for (const std::string& group : groups_of(doc)) {
    text += "\n" + group + ":\n";
    for (const OptionDoc& option : doc.options) {
      if (!option.positional && option.group == group) text += entry(label(option), explanation(option));
    }
  }
  text += "\n";
  for (const auto& line : wrapped("Exit codes: " + exit_codes_text(), kWidth)) text += line + "\n";
  if (!doc.example.empty()) text += "\nExample: " + doc.example + "\n";
  return text;
}

}  // namespace assay::cli
