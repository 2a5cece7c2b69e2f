// The symbol table of a program as a list: what DebugInfo checks debug entries against, and all there is
// without them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::probe {

struct ElfSymbol {
  enum class Kind { kFunction, kObject, kOther };
  std::string name;      // as linked: mangled
  uint32_t address = 0;  // without the Thumb bit
  uint32_t bytes = 0;    // 0: the table does not say
  Kind kind = Kind::kOther;
  bool global = false;
  bool writable = false;  // in a section that the program may write
  bool code = false;      // in a section of instructions
  std::string file;       // of a local symbol; may be empty
};

// Defined symbols that have a name and a place below 4 GiB; without section symbols, files and mapping
// symbols. An unreadable table is an empty list. `bytes` must be an ELF file.
std::vector<ElfSymbol> read_elf_symbols(std::vector<uint8_t>& bytes);

// "app::invoke(int)" of "_ZN3app6invokeEi"; other names as they are.
std::string demangled(const std::string& name);

}  // namespace assay::probe
