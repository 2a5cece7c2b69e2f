#include <fmt/format.h>

#include "cli/completions.h"

namespace assay::cli {
namespace {

// Text inside '...' of an _arguments or _describe line: quotes end it, brackets and colons mean something
// there.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c == '[' || c == ']' || c == ':' ? fmt::format("\\{}", c) : std::string(1, c);
    }
  }
  return out;
}

std::string values_of(const OptionDoc& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  if (option.completes == "files") return "_files";
  if (option.completes == "folders") return "_files -/";
  return option.completes.empty() ? " " : "{_assay_words " + option.completes + "}";
}

std::string argument(const OptionDoc& option) {
  if (option.positional)
    return fmt::format("'{}{}:{}'",
                       option.repeats    ? "*:"
                       : option.required ? ":"
                                         : "::",
                       quoted(option.value), values_of(option));
  const std::string takes =
      option.value.empty() ? "" : fmt::format(":{}:{}", quoted(option.value), values_of(option));
  if (option.names.size() == 1) return fmt::format("'{}[{}]{}'", option.names[0], quoted(option.help), takes);
  return fmt::format("'({0})'{{{1}}}'[{2}]{3}'", fmt::join(option.names, " "), fmt::join(option.names, ","),
                     quoted(option.help), takes);
}

std::string function_name(const std::string& path) {
  std::string name = "_" + path;
  for (char& c : name) c = c == ' ' || c == '-' ? '_' : c;
  return name;
}

void add_functions(const VerbDoc& doc, std::string& script) {
  std::string body;
  for (const OptionDoc& option : doc.options) {
    if (doc.below.empty() || !option.positional) body += fmt::format(" \\\n    {}", argument(option));
  }
  if (doc.below.empty()) {
    script += fmt::format("{}() {{\n  _arguments -s{}\n}}\n\n", function_name(doc.path), body);
    return;
  }
  std::string verbs, cases;
  for (const VerbDoc& below : doc.below) {
    add_functions(below, script);
    if (below.summary.empty()) continue;
    verbs += fmt::format("    '{}:{}'\n", below.name, quoted(below.summary));
    cases += fmt::format("      {}) {} ;;\n", below.name, function_name(below.path));
  }
  script += fmt::format(
      "{}() {{\n  local context state line\n  local -a verbs=(\n{}  )\n  _arguments -s -C{} \\\n    "
      "'1:verb:->verb' \\\n    '*::arguments:->rest'\n"
      "  case $state in\n    verb) _describe verb verbs ;;\n    rest) case $words[1] in\n{}    esac ;;\n  "
      "esac\n}}\n\n",
      function_name(doc.path), verbs, body, cases);
}

}  // namespace

std::string zsh_script(const VerbDoc& program) {
  std::string script =
      "#compdef assay\n# zsh completion of assay: save it as _assay in a folder of $fpath, or: source "
      "<(assay completions zsh)\n\n"
      "_assay_words() {\n  local -a found\n  found=(${(f)\"$(assay complete $1 2>/dev/null)\"})\n  compadd "
      "-a found\n"
      "  [[ $1 == profiles || $1 == runs ]] && _files\n}\n\n";
  add_functions(program, script);
  return script + "if [[ $funcstack[1] == _assay ]]; then _assay \"$@\"; else compdef _assay assay; fi\n";
}

}  // namespace assay::cli
