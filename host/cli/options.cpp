#include "cli/options.h"

#include <CLI/CLI.hpp>

namespace assay::cli {
namespace {

Declared declared(CLI::Option* option, bool has_default) {
  if (has_default) option->capture_default_str();
  return Declared(option);
}

}  // namespace

Declared& Declared::required() {
  option_->required();
  return *this;
}

Declared& Declared::among(const std::vector<std::string>& choices) {
  option_->check(CLI::IsMember(choices));
  return *this;
}

Declared& Declared::between(double least, double most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Declared& Declared::separated_by(char delimiter) {
  option_->delimiter(delimiter);
  return *this;
}

Declared Options::option(const char* names, std::string& into, const char* help) {
  return declared(verb_->add_option(names, into, help), !into.empty());
}

Declared Options::option(const char* names, std::vector<std::string>& into, const char* help) {
  return declared(verb_->add_option(names, into, help), !into.empty());
}

Declared Options::option(const char* names, int64_t& into, const char* help) {
  return declared(verb_->add_option(names, into, help), into != 0);
}

Declared Options::option(const char* names, double& into, const char* help) {
  return declared(verb_->add_option(names, into, help), into != 0);
}

void Options::flag(const char* names, bool& into, const char* help) { verb_->add_flag(names, into, help); }

Declared Options::positional(const char* name, std::string& into, const char* help) {
  return option(name, into, help);
}

Declared Options::positional(const char* name, std::vector<std::string>& into, const char* help) {
  return option(name, into, help);
}

Options Options::below(const char* name, const char* summary) {
  verb_->require_subcommand(1);
  return Options(*verb_->add_subcommand(name, summary));
}

void Options::on_chosen(Action& action, std::function<Result<Exit>()> run) {
  verb_->callback([&action, run = std::move(run)] { action = run; });
}

}  // namespace assay::cli
