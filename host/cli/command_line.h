// Turns argv into the action of the verb that was chosen, or into the text that was asked for.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "cli/verb.h"

namespace assay::cli {

// `action` empty: `text` (help, version) goes to stdout and the program is done.
struct Parsed {
  Action action;
  std::string text;
  std::shared_ptr<CLI::App> app;  // what actions may refer to
};

// cli.usage, with the nearest known word where an option or verb is unknown.
Result<Parsed> parse_command_line(std::span<const Verb> verbs, int argc, char** argv);

}  // namespace assay::cli
