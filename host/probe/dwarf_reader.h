// The debug entries of a program (DWARF 2 to 5, through libdw), as plain lists and still unchecked.
//
// DebugInfo joins them with the symbol table: only that tells which entries the linker removed. To read
// another kind of entry: one line in kEntries of dwarf_reader.cpp. Bad entries are left out; walking a
// mangled file ends because every sibling must lie behind its elder and nesting is bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::probe {

struct DwarfVariable {
  std::string name;  // qualified
  std::string linkage;
  std::optional<uint32_t> address;  // absent: it has no place
  uint32_t bytes = 0;
  std::string type;  // as Variable::type
  std::vector<int64_t> dims;
  bool constant = false;
  std::string source;
};

struct DwarfFunction {
  std::string name;
  std::string linkage;
  std::optional<uint32_t> address;  // absent: inlined everywhere, or never used
  uint32_t bytes = 0;
  bool inlined = false;  // the compiler says that it inlined it
  std::vector<std::string> parameters;
  std::string returns;
  std::string source;
};

struct DwarfLine {
  uint32_t address = 0;  // of its first instruction
  uint32_t file = 0;     // index in DwarfContents::files
  uint32_t line = 0;
};

struct DwarfContents {
  bool present = false;  // there is debug information
  std::vector<DwarfVariable> variables;
  std::vector<DwarfFunction> functions;
  std::vector<std::string> files;
  std::vector<DwarfLine> lines;
};

// `bytes` must be an ELF file.
DwarfContents read_dwarf(std::vector<uint8_t>& bytes);

}  // namespace assay::probe
