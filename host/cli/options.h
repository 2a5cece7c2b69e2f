// Declares the options of a verb. CLI11 stays behind this header: it takes seconds to compile, and a verb
// needs little of it.
//
//   Options options(verb);
//   options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
//   options.option("-b,--board", choice->board, "The board; see `assay boards`");
//   options.option("--mode", choice->mode, "exact: ...").among({"exact", "realtime"});
//   options.flag("--json", choice->json, "Print JSON");
//   options.on_chosen(action, [choice] { return show(*choice); });
//
// Variables must live until the action ran: keep them in a shared_ptr that the action holds. What a variable
// holds at declaration is its default; help shows it unless it is empty or 0. The word for a value in help
// (BOARD, DIR), its group and what shells complete for it follow from the option's name: option_words.cpp, so
// that one name means the same in every verb. A verb that needs more of CLI11 includes it: `CLI::App&` is
// what the table of main.cpp hands over.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/verb.h"

namespace CLI {
class Option;
}

namespace assay::cli {

// An option that was declared; ways to narrow what it takes.
class Declared {
 public:
  explicit Declared(CLI::Option* option) : option_(option) {}
  Declared& required();
  Declared& among(const std::vector<std::string>& choices);
  Declared& between(double least, double most);  // both included
  Declared& separated_by(char delimiter);        // of a list: "a,b" is two values

 private:
  CLI::Option* option_;
};

class Options {
 public:
  explicit Options(CLI::App& verb) : verb_(&verb) {}

  // `names` as "-b,--board".
  Declared option(const char* names, std::string& into, const char* help);
  Declared option(const char* names, std::vector<std::string>& into, const char* help);
  Declared option(const char* names, int64_t& into, const char* help);
  Declared option(const char* names, double& into, const char* help);
  void flag(const char* names, bool& into, const char* help);
  // By place; optional unless required().
  Declared positional(const char* name, std::string& into, const char* help);
  Declared positional(const char* name, std::vector<std::string>& into, const char* help);

  // A verb below this one (`assay model info`); one of them must be chosen.
  Options below(const char* name, const char* summary);
  // What runs when this verb was chosen.
  void on_chosen(Action& action, std::function<Result<Exit>()> run);

 private:
  CLI::App* verb_;
};

}  // namespace assay::cli
