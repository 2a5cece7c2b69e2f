#include <fmt/format.h>

#include "cli/completions.h"

namespace assay::cli {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
  return out + "'";
}

// Where the cursor must be: `verbs` is the path of verbs above ("model info"), and none of those below was
// typed.
std::string condition(const VerbDoc& doc, const std::string& verbs) {
  std::string below;
  for (const VerbDoc& verb : doc.below) below += " " + verb.name;
  return quoted(fmt::format("__assay_at '{}'{}", verbs, below));
}

std::string values_of(const OptionDoc& option) {
  if (!option.choices.empty())
    return fmt::format(" -f -a {}", quoted(fmt::format("{}", fmt::join(option.choices, " "))));
  if (option.completes == "files") return " -F";
  if (option.completes == "folders") return " -f -a '(__fish_complete_directories)'";
  if (option.completes.empty()) return "";
  const bool also_files = option.completes == "profiles" || option.completes == "runs";
  return fmt::format(" {} -a '(assay complete {} 2>/dev/null)'", also_files ? "-F" : "-f", option.completes);
}

void add_lines(const VerbDoc& doc, const std::string& verbs, std::string& script) {
  const std::string where = fmt::format("complete -c assay -n {}", condition(doc, verbs));
  for (const VerbDoc& below : doc.below) {
    if (!below.summary.empty())
      script += fmt::format("{} -f -a {} -d {}\n", where, below.name, quoted(below.summary));
  }
  for (const OptionDoc& option : doc.options) {
    std::string line = where;
    for (const std::string& name : option.names) {
      if (!option.positional)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.positional && !option.value.empty()) line += " -r";
    script += fmt::format("{}{} -d {}\n", line, values_of(option), quoted(option.help));
  }
  for (const VerbDoc& below : doc.below)
    add_lines(below, verbs.empty() ? below.name : verbs + " " + below.name, script);
}

}  // namespace

std::string fish_script(const VerbDoc& program) {
  std::string script =
      R"(# fish completion of assay: assay completions fish > ~/.config/fish/completions/assay.fish
function __assay_at
    set -l words (commandline -opc)
    set -l path $words[2..-1]
    set -l want (string split -n ' ' -- $argv[1])
    for i in (seq (count $want))
        test "$path[$i]" = "$want[$i]"; or return 1
    end
    for verb in $argv[2..-1]
        contains -- $verb $path; and return 1
    end
    return 0
end
)";
  add_lines(program, "", script);
  return script;
}

}  // namespace assay::cli
