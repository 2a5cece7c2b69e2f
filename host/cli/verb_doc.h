// What the command line says about itself, taken from the declared verbs: help, man pages and completions are
// three renderings of it, so none can tell another story.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace assay::cli {

struct OptionDoc {
  std::vector<std::string> names;  // "-b", "--board"; of a positional its word, "RUN"
  bool positional = false;
  bool required = false, repeats = false;
  std::string value;                 // "BOARD"; empty: a flag
  std::string help;                  // one sentence
  std::string default_text;          // empty: none worth telling
  std::vector<std::string> choices;  // all values there are; empty: open
  std::string group;                 // "Board", "Results", ...
  std::string completes;             // "boards", "profiles", "runs", "files", ...; empty: nothing
};

struct VerbDoc {
  std::string path;     // "assay model info"
  std::string name;     // "info"
  std::string summary;  // empty: the verb is for programs, not shown
  std::string example;
  std::vector<OptionDoc> options;  // positionals first, then in order of declaration
  std::vector<VerbDoc> below;
};

// Of one verb, or of the whole program when `app` is its root.
VerbDoc doc_of(const CLI::App& app);
const CLI::App& root_of(const CLI::App& app);

// Text of `assay ... --help`: at most 80 columns, ends with "Example: ...".
std::string help_text(const VerbDoc& doc);
// `program` is the whole command line: its man page refers to those of the verbs. roff, for man(7).
std::string man_page(const VerbDoc& doc, const VerbDoc& program, const std::string& version);

}  // namespace assay::cli
