#include "cli/verb_doc.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "cli/option_words.h"

namespace assay::cli {
namespace {

// CLI11 appends to the type what a validator says: "TEXT:{exact,realtime}".
std::vector<std::string> choices_in(const std::string& type) {
  const size_t open = type.find(":{"), close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 2, close - open - 2), ',');
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::toupper(c)); });
  return text;
}

OptionDoc option_doc(const std::string& verb, const CLI::Option& option) {
  OptionDoc doc;
  doc.positional = option.get_positional();
  const std::string key = doc.positional
                              ? option.get_single_name()
                              : "--" + (option.get_lnames().empty() ? "" : option.get_lnames().front());
  const OptionWords* words = find_option_words(verb, key);
  doc.help = option.get_description();
  doc.required = option.get_required();
  doc.repeats = option.get_expected_max() > 1;
  doc.choices = choices_in(option.get_type_name());
  doc.default_text = option.get_default_str();
  if (doc.repeats && doc.default_text.starts_with('['))
    doc.default_text = doc.default_text.substr(1, doc.default_text.size() - 2);
  doc.group = words && !words->group.empty() ? std::string(words->group) : "Options";
  doc.completes = words ? std::string(words->completes) : "";
  const bool flag = option.get_expected_max() == 0 || option.get_type_size_max() == 0;
  if (!flag)
    doc.value = words && !words->value.empty() ? std::string(words->value)
                : doc.positional               ? upper(key)
                                               : "VALUE";
  if (doc.positional) {
    doc.names = {doc.value};
  } else {
    for (const auto& name : option.get_snames()) doc.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) doc.names.push_back("--" + name);
  }
  return doc;
}

}  // namespace

const CLI::App& root_of(const CLI::App& app) {
  const CLI::App* root = &app;
  while (root->get_parent()) root = root->get_parent();
  return *root;
}

VerbDoc doc_of(const CLI::App& app) {
  VerbDoc doc;
  doc.name = app.get_name();
  doc.summary = app.get_description();
  doc.example = app.get_footer();
  doc.path = doc.name;
  std::string top = doc.name;  // the verb, of what is below it
  for (const CLI::App* above = app.get_parent(); above; above = above->get_parent()) {
    doc.path = above->get_name() + " " + doc.path;
    if (above->get_parent()) top = above->get_name();
    if (doc.example.empty()) doc.example = above->get_parent() ? above->get_footer() : "";
  }
  const auto all = app.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : all) {
      if (option->get_positional() == positional) doc.options.push_back(option_doc(top, *option));
    }
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!sub->get_group().empty()) doc.below.push_back(doc_of(*sub));
  }
  return doc;
}

}  // namespace assay::cli
