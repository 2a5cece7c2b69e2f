#include "probe/dwarf_types.h"

#include <dwarf.h>
#include <fmt/format.h>

#include <optional>

namespace assay::probe {
namespace {

constexpr int kDeepest = 32;  // qualifiers, names and pointers around one type; a mangled file may loop

struct ElementRow {
  Dwarf_Word encoding;
  Dwarf_Word bytes;
  const char* name;
};
constexpr ElementRow kElements[] = {
    {DW_ATE_signed, 1, "int8"},         {DW_ATE_signed_char, 1, "int8"}, {DW_ATE_unsigned, 1, "uint8"},
    {DW_ATE_unsigned_char, 1, "uint8"}, {DW_ATE_signed, 2, "int16"},     {DW_ATE_signed, 4, "int32"},
    {DW_ATE_signed, 8, "int64"},        {DW_ATE_float, 4, "float32"},    {DW_ATE_float, 8, "float64"},
    {DW_ATE_boolean, 1, "bool"},
};

std::optional<Dwarf_Die> type_entry(Dwarf_Die* entry) {
  Dwarf_Attribute attribute;
  Dwarf_Die type;
  if (!dwarf_attr_integrate(entry, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, &type))
    return std::nullopt;
  return type;
}

std::optional<Dwarf_Word> number(Dwarf_Die* entry, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value;
  if (!dwarf_attr_integrate(entry, name, &attribute) || dwarf_formudata(&attribute, &value) != 0)
    return std::nullopt;
  return value;
}

std::string element_of(Dwarf_Die* base) {
  const auto encoding = number(base, DW_AT_encoding), bytes = number(base, DW_AT_byte_size);
  if (!encoding || !bytes) return "";
  for (const ElementRow& row : kElements) {
    if (row.encoding == *encoding && row.bytes == *bytes) return row.name;
  }
  return "";
}

bool is_name_or_qualifier(int tag) {
  return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
         tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type;
}

// Elements in one dimension; 0: the program does not say ("extern int a[];").
int64_t extent_of(Dwarf_Die* subrange) {
  if (const auto count = number(subrange, DW_AT_count)) return static_cast<int64_t>(*count);
  const auto last = number(subrange, DW_AT_upper_bound);
  return last && *last < UINT32_MAX ? static_cast<int64_t>(*last) + 1 : 0;
}

void add_dims(Dwarf_Die* array, std::vector<int64_t>& dims) {
  Dwarf_Die child;
  Dwarf_Off last = 0;
  for (int more = dwarf_child(array, &child); more == 0; more = dwarf_siblingof(&child, &child)) {
    if (dwarf_dieoffset(&child) <= last || dims.size() > 16) return;
    last = dwarf_dieoffset(&child);
    if (dwarf_tag(&child) == DW_TAG_subrange_type) dims.push_back(extent_of(&child));
  }
}

const char* keyword_of(int tag) {
  switch (tag) {
    case DW_TAG_structure_type:
      return "struct ";
    case DW_TAG_union_type:
      return "union ";
    case DW_TAG_enumeration_type:
      return "enum ";
    default:
      return "";
  }
}

std::string words_of(std::optional<Dwarf_Die> type, int depth) {
  if (!type) return "void";
  if (depth > kDeepest) return "?";
  const int tag = dwarf_tag(&*type);
  if (tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type || tag == DW_TAG_rvalue_reference_type)
    return words_of(type_entry(&*type), depth + 1) + (tag == DW_TAG_pointer_type ? "*" : "&");
  if (tag == DW_TAG_const_type) {
    const std::string inner = words_of(type_entry(&*type), depth + 1);
    return inner.ends_with("*") ? inner + " const" : "const " + inner;
  }
  if (tag == DW_TAG_base_type) {
    const std::string element = element_of(&*type);
    if (!element.empty()) return element;
  }
  if (is_name_or_qualifier(tag)) return words_of(type_entry(&*type), depth + 1);
  if (tag == DW_TAG_array_type) return words_of(type_entry(&*type), depth + 1) + "[]";
  if (tag == DW_TAG_subroutine_type) return "function";
  const char* name = dwarf_diename(&*type);
  return keyword_of(tag) + std::string(name ? name : "?");
}

}  // namespace

DwarfType type_of(Dwarf_Die* entry) {
  DwarfType out;
  auto type = type_entry(entry);
  uint64_t product = 1;
  for (int depth = 0; type && depth < kDeepest; ++depth) {
    const int tag = dwarf_tag(&*type);
    if (tag == DW_TAG_array_type) {
      add_dims(&*type, out.dims);
    } else if (!is_name_or_qualifier(tag)) {
      break;
    }
    out.constant = out.constant || tag == DW_TAG_const_type;
    type = type_entry(&*type);
  }
  if (!type) return out;
  if (dwarf_tag(&*type) == DW_TAG_base_type) out.element = element_of(&*type);
  for (const int64_t dim : out.dims) {
    if (dim < 0 || (dim > 0 && product > UINT32_MAX / static_cast<uint64_t>(dim))) return out;
    product *= static_cast<uint64_t>(dim);
  }
  const bool pointer = dwarf_tag(&*type) == DW_TAG_pointer_type;
  const uint64_t each = number(&*type, DW_AT_byte_size).value_or(pointer ? 4 : 0);
  if (each <= UINT32_MAX && product * each <= UINT32_MAX) out.bytes = static_cast<uint32_t>(product * each);
  return out;
}

std::string type_words(Dwarf_Die* entry) { return words_of(type_entry(entry), 0); }

}  // namespace assay::probe
