#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/verb_doc.h"
#include "cli/version.h"
#include "config/nearest.h"

namespace assay::cli {
namespace {

// Help is one rendering of VerbDoc (verb_doc.h); CLI11's own neither wraps nor groups.
class Help final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    return help_text(doc_of(*app));
  }
};

void collect_words(const CLI::App& app, std::vector<std::string>& words) {
  for (const CLI::App* sub :
       app.get_subcommands([](const CLI::App* verb) { return !verb->get_description().empty(); }))
    words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
  }
}

// The innermost verb that the words chose.
const CLI::App& chosen(const CLI::App& app) {
  const auto subs = app.get_subcommands();
  return subs.empty() ? app : chosen(*subs.front());
}

tl::unexpected<Error> usage_error(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& verb = chosen(root);
  const VerbDoc doc = doc_of(verb);
  std::string message = error.what(), remedy = fmt::format("See `{} --help`.", doc.path);
  const auto left = root.remaining(true);
  if (!left.empty()) {
    message = fmt::format("{} does not know '{}'", doc.path, left.front());
    std::vector<std::string> words;
    collect_words(verb, words);
    const std::string near = config::nearest(left.front().substr(0, left.front().find('=')), words);
    if (!near.empty()) remedy = fmt::format("Did you mean '{}'? {}", near, remedy);
  } else if (error.get_name() == "RequiredError" && !doc.below.empty()) {
    message = "a verb is missing";
  }
  for (char& c : message) c = c == '\n' ? ' ' : c;
  return fail("cli.usage", message, "", remedy);
}

}  // namespace

Result<Parsed> parse_command_line(std::span<const Verb> verbs, int argc, char** argv) {
  Parsed parsed;
  parsed.app = std::make_shared<CLI::App>(
      "Assay tests and profiles machine-learning models on real microcontroller boards.", "assay");
  CLI::App& app = *parsed.app;
  app.formatter(std::make_shared<Help>());
  app.set_help_flag("-h,--help", "Print this and exit");
  app.set_version_flag("--version", version_text(), "Print the version and exit");
  app.require_subcommand(1);
  app.footer("assay run profiles/digits --board posix");
  for (const Verb& verb : verbs) {
    CLI::App* sub = app.add_subcommand(std::string(verb.name), std::string(verb.summary));
    sub->footer(std::string(verb.example));
    verb.add(*sub, parsed.action);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    parsed.text = version_text() + "\n";
    parsed.action = {};
  } catch (const CLI::CallForHelp&) {
    parsed.text = help_text(doc_of(chosen(app)));
    parsed.action = {};
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return parsed;
}

}  // namespace assay::cli
