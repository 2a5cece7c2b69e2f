#include <fmt/format.h>

#include "cli/completions.h"

namespace assay::cli {
namespace {

// One case of the script: what may follow `path` ("model info").
std::string verb_case(const VerbDoc& doc, const std::string& path) {
  std::string verbs, options, values, positional = "files";
  for (const VerbDoc& below : doc.below) {
    if (!below.summary.empty()) verbs += (verbs.empty() ? "" : " ") + below.name;
  }
  bool first = true;
  for (const OptionDoc& option : doc.options) {
    std::string offer = option.completes;
    if (!option.choices.empty()) offer = fmt::format("={}", fmt::join(option.choices, " "));
    if (option.positional) {
      if (first) positional = offer;
      first = false;
      continue;
    }
    options += fmt::format("{}{}", options.empty() ? "" : " ", option.names.back());
    if (!option.value.empty())
      values += fmt::format("        {}) offer='{}' ;;\n", fmt::join(option.names, "|"),
                            offer.empty() ? "=" : offer);
  }
  if (first) positional = "=";
  return fmt::format("    '{}')\n      verbs='{}' options='{}' words='{}'\n{}      ;;\n", path, verbs,
                     options, positional,
                     values.empty() ? "" : fmt::format("      case $previous in\n{}      esac\n", values));
}

void add_cases(const VerbDoc& doc, const std::string& path, std::string& cases) {
  cases += verb_case(doc, path);
  for (const VerbDoc& below : doc.below)
    add_cases(below, path.empty() ? below.name : path + " " + below.name, cases);
}

void add_paths(const VerbDoc& doc, const std::string& path, std::string& paths) {
  for (const VerbDoc& below : doc.below) {
    const std::string name = path.empty() ? below.name : path + " " + below.name;
    if (!below.summary.empty()) paths += (paths.empty() ? "'" : "|'") + name + "'";
    add_paths(below, name, paths);
  }
}

}  // namespace

std::string bash_script(const VerbDoc& program) {
  std::string cases, paths;
  add_cases(program, "", cases);
  add_paths(program, "", paths);
  return "# bash completion of assay. In ~/.bashrc: source <(assay completions bash)\n" +
         fmt::format(R"script(
# What an offer stands for: "=a b" are words, files and folders the shell knows, anything else the program.
_assay_offer() {{
  local current=$2 line
  case $1 in
    =*) mapfile -t COMPREPLY < <(compgen -W "${{1#=}}" -- "$current") ;;
    files) compopt -o default; COMPREPLY=() ;;
    folders) compopt -o dirnames; COMPREPLY=() ;;
    ?*)
      COMPREPLY=()
      while IFS= read -r line; do
        [[ $line == "$current"* ]] && COMPREPLY+=("$line")
      done < <("${{COMP_WORDS[0]}}" complete "$1" 2>/dev/null)
      # These may also be named by their path.
      [[ $1 == profiles || $1 == runs ]] && compopt -o default
      ;;
  esac
}}

_assay() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} path='' verbs='' options='' words='' offer='' i
  COMPREPLY=()
  # "--board=po" arrives as three words.
  if [[ $current == = ]]; then current=''; elif [[ $previous == = ]]; then previous=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${{path:+$path }}${{COMP_WORDS[i]}}" in
      {paths}) path="${{path:+$path }}${{COMP_WORDS[i]}}" ;;
    esac
  done
  case $path in
{cases}  esac
  if [[ -n $offer ]]; then
    _assay_offer "$offer" "$current"
  elif [[ $current == -* ]]; then
    _assay_offer "=$options" "$current"
  elif [[ -n $verbs ]]; then
    _assay_offer "=$verbs" "$current"
  else
    _assay_offer "$words" "$current"
  fi
}}
complete -F _assay assay
)script",
                     fmt::arg("paths", paths), fmt::arg("cases", cases));
}

}  // namespace assay::cli
