// What an option's name means, in whichever verb it stands: the word for its value, its group in help, and
// what a shell offers for it. To add one: a line in option_words.cpp. A name that is not there gets the group
// "Options".
#pragma once

#include <string_view>

namespace assay::cli {

struct OptionWords {
  std::string_view name;       // longest name, "--board"; a positional as it is declared, "run";
                               // "runs --limit" where it means something else in one verb
  std::string_view value;      // "BOARD"; empty: a flag
  std::string_view group;      // of options; positionals have their own
  std::string_view completes;  // "boards", "profiles", "runs", "files", "folders", ...; see complete_words()
};

// Of the option in this verb ("data subject"), else in any. nullptr when the name has no line.
const OptionWords* find_option_words(std::string_view verb, std::string_view name);

}  // namespace assay::cli
