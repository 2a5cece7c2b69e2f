// Completion scripts of shells, and the words that they ask for while the user types.
//
// A script holds verbs, options and choices as they are declared; names that change (boards, profiles, runs,
// units) come from `assay complete KIND`. To add a shell: its function in completions_<shell>.cpp, a line in
// kShells. To add a kind of words: a line in kKinds of verb_complete.cpp, and its name in option_words.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/verb_doc.h"

namespace assay::cli {

struct Shell {
  std::string_view name;  // "bash"
  std::string (*script)(const VerbDoc& program);
};
std::span<const Shell> shells();

std::string bash_script(const VerbDoc& program);
std::string zsh_script(const VerbDoc& program);
std::string fish_script(const VerbDoc& program);

}  // namespace assay::cli
