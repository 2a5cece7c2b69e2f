// What each byte of a firmware is for: sections, symbols, source files and operators, and what changed
// between two builds.
//
// Every byte of every section that takes memory is in exactly one part, so parts add up to the sections and
// those to what `size` says. Where the symbol table says nothing, the part says that: alignment between two
// symbols is "(padding)", the rest "(.rodata without a symbol)". Bytes are counted where they take memory:
// initial values of variables take flash and RAM.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "probe/elf_image.h"

namespace assay::probe {

// Bytes by the kind of section that holds them.
struct MemoryBytes {
  uint64_t code = 0;       // instructions, and constants in a section of instructions
  uint64_t constants = 0;  // read only
  uint64_t data = 0;       // variables with an initial value
  uint64_t zeroed = 0;     // variables without, stacks, arenas

  uint64_t total() const { return code + constants + data + zeroed; }
  uint64_t flash() const { return code + constants + data; }
  uint64_t ram() const { return data + zeroed; }
  MemoryBytes& operator+=(const MemoryBytes& other);
};

struct CodePart {
  std::string symbol;  // readable (symbol_names.h)
  std::string section;
  std::string file;  // source file; empty: the symbol table does not say
  std::string op;    // operator_names.h
  MemoryBytes bytes;
  bool estimated = false;  // a label without a size: up to the next symbol
};

enum class SizeBy : uint8_t { kSymbol, kSection, kOperator, kFile };

struct SizeRow {
  std::string name;
  MemoryBytes bytes;
  int64_t count = 0;       // symbols in it: instances of a template, clones of a function
  bool estimated = false;  // of some of them
};

std::vector<CodePart> code_parts(const ElfImage& image);
// Grouped; rows by falling total, equal ones by name.
std::vector<SizeRow> sizes_by(const std::vector<CodePart>& parts, SizeBy by);
MemoryBytes total_of(const std::vector<SizeRow>& rows);

struct SizeChange {
  std::string name;
  std::string word;  // grown | shrunk | new | gone
  MemoryBytes before, now;

  int64_t delta() const { return static_cast<int64_t>(now.total()) - static_cast<int64_t>(before.total()); }
};
// Rows that differ, by falling |delta|, equal ones by name. Deltas add up to the difference of the totals. A
// row whose bytes moved between kinds of memory is listed as grown or shrunk by 0.
std::vector<SizeChange> size_changes(const std::vector<SizeRow>& before, const std::vector<SizeRow>& now);

}  // namespace assay::probe
