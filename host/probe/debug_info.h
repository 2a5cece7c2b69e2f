// What a linked program says about itself: its variables and functions with addresses, sizes and types.
//
// Probe-only runs find the buffers and the function that a user names here, without a line of the program
// being changed; code sizes and the place of a fault come from here too. Types are known where the program
// was built with -g (DWARF 2 to 5); without, names, addresses and sizes remain (symbol table) and types are
// empty.
//
// Everything is read once and kept, so a DebugInfo needs no file afterwards. Addresses are 32-bit; a
// function's is without the Thumb bit. What is mangled beyond sense is left out; a file that is no program is
// probe.bad_elf. To teach it another kind of debug entry: dwarf_reader.cpp, the table kEntries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace assay::probe {

struct Variable {
  std::string name;  // "input", C++: "app::input"; of a static inside a function: "invoke::state"
  uint32_t address = 0;
  uint32_t bytes = 0;         // of the whole variable; 0: unknown
  std::string type;           // of an element, as in base/tensor.h ("int8"); empty: another type, or unknown
  std::vector<int64_t> dims;  // of an array, outermost first; empty: a scalar, or unknown
  bool read_only = false;     // const, or in a section that is not writable
  std::string source;         // "src/app.c:12"; empty: unknown
};

struct Function {
  std::string name;
  uint32_t address = 0;
  uint32_t bytes = 0;                   // of code; 0: unknown
  std::vector<std::string> parameters;  // types in order: "const int8*", "int32", "struct net*"
  std::string returns;                  // "void", "int32", ...; empty: the signature is unknown
  std::string source;
};

// A place in the code.
struct Place {
  std::string function;  // empty: unknown
  std::string source;    // "src/app.c:31"; empty: unknown
  // "invoke (src/app.c:31)", or "0x00001234" when nothing is known.
  std::string text;
};

// "src/app.c:12" -> "src/app.c" and 12; 0: no line.
std::pair<std::string, uint32_t> split_line(const std::string& source);

// Why a name of the source has no place in the program.
enum class Gone { kNoPlace, kInlined, kRemoved, kSpecialised };

class DebugInfo {
 public:
  // base.file; probe.bad_elf: no linked program, or cut short.
  static Result<DebugInfo> read(const std::filesystem::path& path);
  static Result<DebugInfo> parse(std::vector<uint8_t> bytes, const std::string& where);

  bool has_dwarf() const { return has_dwarf_; }
  // By address; each address once.
  const std::vector<Variable>& variables() const { return variables_; }
  const std::vector<Function>& functions() const { return functions_; }

  // `name`: as in the source, with or without namespaces and parameters, or mangled; "file.c:name" chooses
  // among statics of one name. probe.no_symbol (names the nearest), probe.symbol_gone (it is in the source,
  // but the compiler or linker left nothing of it), probe.symbol_ambiguous (names the candidates).
  Result<Variable> find_variable(const std::string& name) const;
  Result<Function> find_function(const std::string& name) const;

  // The function and line at an address of code.
  Place where(uint32_t address) const;

 private:
  struct Line {
    uint32_t address = 0;
    uint32_t file = 0;
    uint32_t line = 0;
  };
  struct Alias {
    std::string name;
    size_t index = 0;  // in variables_ or functions_
  };
  struct Missing {
    std::string name;
    Gone why = Gone::kNoPlace;
    std::string detail;  // of kSpecialised: the copy that is left
  };

  template <class T>
  Result<T> find(const std::string& name, const std::vector<T>& list, const std::vector<Alias>& aliases,
                 const std::vector<Missing>& missing, const char* what) const;

  const Line* line_at(uint32_t address, const Function& function) const;

  bool has_dwarf_ = false;
  std::string where_;
  std::vector<Variable> variables_;
  std::vector<Function> functions_;
  std::vector<Alias> variable_aliases_, function_aliases_;  // mangled and further names
  std::vector<Missing> missing_variables_, missing_functions_;
  std::vector<std::string> files_;
  std::vector<Line> lines_;                                // by address
  std::map<std::string, std::set<uint32_t>> first_lines_;  // of all functions of a file, removed ones too
  friend class DebugInfoBuilder;
};

}  // namespace assay::probe
