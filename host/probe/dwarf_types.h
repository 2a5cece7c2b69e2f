// Types of debug entries as Assay names them: element types of tensors, dimensions of arrays, and words for
// signatures.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <string>
#include <vector>

namespace assay::probe {

struct DwarfType {
  std::string element;        // as in base/tensor.h; empty: none of those
  std::vector<int64_t> dims;  // of an array, outermost first
  bool constant = false;      // the object itself, or the elements of the array
  uint32_t bytes = 0;         // of the whole; 0: unknown
};

// Of the entry's DW_AT_type.
DwarfType type_of(Dwarf_Die* entry);
// "const int8*", "struct net*", "void" where the entry has no type.
std::string type_words(Dwarf_Die* entry);

}  // namespace assay::probe
