// Renders a VerbDoc as roff for man(7).
#include <fmt/format.h>

#include "cli/exit_meaning.h"
#include "cli/verb_doc.h"

namespace assay::cli {
namespace {

// Text as roff: no character may be taken for a request, and hyphens stay hyphens that can be copied.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string page_name(const VerbDoc& doc) {
  std::string name = doc.path;
  for (char& c : name) c = c == ' ' ? '-' : c;
  return name;
}

std::string paragraph(const OptionDoc& option) {
  std::string names;
  for (const std::string& name : option.names)
    names += (names.empty() ? "" : ", ") + ("\\fB" + escaped(name) + "\\fR");
  if (!option.positional && !option.value.empty()) names += " \\fI" + escaped(option.value) + "\\fR";
  std::string text = option.help + (option.help.ends_with('.') ? "" : ".");
  if (!option.choices.empty()) text += fmt::format(" One of: {}.", fmt::join(option.choices, ", "));
  if (!option.default_text.empty()) text += fmt::format(" Default: {}.", option.default_text);
  if (option.required) text += " Required.";
  return fmt::format(".TP\n{}\n{}\n", names, escaped(text));
}

std::string synopsis(const VerbDoc& doc) {
  std::string text = "\\fB" + escaped(doc.path) + "\\fR";
  if (!doc.below.empty()) return text + " \\fIVERB\\fR ...\n";
  text += " [\\fIOPTION\\fR]...";
  for (const OptionDoc& option : doc.options) {
    if (!option.positional) continue;
    const std::string word = "\\fI" + escaped(option.names[0]) + "\\fR" + (option.repeats ? "..." : "");
    text += option.required ? " " + word : " [" + word + "]";
  }
  return text + "\n";
}

std::string options_text(const VerbDoc& doc, bool positional) {
  std::string text;
  for (const OptionDoc& option : doc.options) {
    if (option.positional == positional) text += paragraph(option);
  }
  return text;
}

// Verbs below are sections of this page, since each has but a few options.
std::string verbs_text(const VerbDoc& doc, const VerbDoc& program) {
  std::string text;
  for (const VerbDoc& verb : doc.below) {
    if (verb.summary.empty()) continue;
    if (&doc == &program) {
      text += fmt::format(".TP\n\\fB{}\\fR(1)\n{}.\n", escaped(page_name(verb)), escaped(verb.summary));
      continue;
    }
    text += fmt::format(".SS {}\n{}.\n.PP\n{}{}{}", escaped(verb.path), escaped(verb.summary), synopsis(verb),
                        options_text(verb, true), options_text(verb, false));
  }
  return text;
}

std::string see_also(const VerbDoc& doc, const VerbDoc& program) {
  std::string text;
  if (&doc != &program) text = "\\fBassay\\fR(1)";
  for (const VerbDoc& verb : program.below) {
    if (!verb.summary.empty() && verb.path != doc.path)
      text += (text.empty() ? "" : ",\n") + ("\\fB" + escaped(page_name(verb)) + "\\fR(1)");
  }
  return text + "\n";
}

struct Variable {
  const char* name;
  const char* meaning;
};
constexpr Variable kVariables[] = {
    {"ASSAY_DATA_DIR",
     "Boards, profiles, firmware and workers. Default: what was installed with the program."},
    {"ASSAY_STATE_DIR",
     "Leases and virtual units. Default: $XDG_STATE_HOME/assay, else ~/.local/state/assay."},
    {"ASSAY_CACHE_DIR", "What can be computed again. Default: $XDG_CACHE_HOME/assay, else ~/.cache/assay."},
    {"ASSAY_PYTHON",
     "The Python of the desktop references. Default: an environment beside the data, else the user's own, "
     "which `assay doctor --fix` makes, else python3."},
    {"ASSAY_VENV",
     "The environment that `assay doctor --fix` makes. Default: $XDG_DATA_HOME/assay/venv, else "
     "~/.local/share/assay/venv."},
    {"NO_COLOR", "When set: no colour. Neither is there any in a pipe or where TERM is unset or dumb."},
    {"COLUMNS", "The width to print for. Default: that of the terminal, else 80."},
};

}  // namespace

std::string man_page(const VerbDoc& doc, const VerbDoc& program, const std::string& version) {
  std::string title = page_name(doc);
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string text =
      fmt::format(".TH {} 1 \"\" \"{}\" \"Assay\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}", escaped(title),
                  escaped(version), escaped(page_name(doc)), escaped(doc.summary), synopsis(doc));
  const std::string arguments = options_text(doc, true), options = options_text(doc, false);
  if (!arguments.empty()) text += ".SH ARGUMENTS\n" + arguments;
  if (!doc.below.empty()) text += ".SH VERBS\n" + verbs_text(doc, program);
  if (!options.empty()) text += ".SH OPTIONS\n" + options;
  text += ".SH EXIT STATUS\n";
  for (const ExitMeaning& exit : exit_meanings())
    text += fmt::format(".TP\n{}\n{}\n", static_cast<int>(exit.exit), escaped(std::string(exit.meaning)));
  if (&doc == &program) {
    text += ".SH ENVIRONMENT\n";
    for (const Variable& variable : kVariables)
      text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", variable.name, escaped(variable.meaning));
  }
  if (!doc.example.empty()) text += fmt::format(".SH EXAMPLE\n.nf\n{}\n.fi\n", escaped(doc.example));
  return text + ".SH SEE ALSO\n" + see_also(doc, program);
}

}  // namespace assay::cli
