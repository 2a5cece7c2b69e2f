// Joins debug entries with the symbol table into a DebugInfo: only the symbol table tells which entries are
// really in the program, only debug entries tell types.
#pragma once

#include <map>

#include "probe/debug_info.h"
#include "probe/dwarf_reader.h"
#include "probe/elf_image.h"
#include "probe/elf_symbols.h"

namespace assay::probe {

class DebugInfoBuilder {
 public:
  explicit DebugInfoBuilder(DebugInfo& info) : info_(info) {}
  // `bytes`: an ELF file, `image`: the same, parsed.
  void build(std::vector<uint8_t>& bytes, const ElfImage& image);

 private:
  void take_function(const DwarfFunction& function);
  void take_variable(const DwarfVariable& variable);
  void take_symbol(const ElfSymbol& symbol);
  void take_lines(const DwarfContents& contents);
  void forget_found();
  void sort();
  const ElfSymbol* symbol_at(uint32_t address, bool code) const;
  bool writable(uint32_t address) const;

  DebugInfo& info_;
  const ElfImage* image_ = nullptr;
  std::vector<ElfSymbol> symbols_;
  std::multimap<uint32_t, size_t> by_address_;  // -> symbols_
  std::map<uint32_t, size_t> function_at_, variable_at_;
};

}  // namespace assay::probe
