#include "probe/dwarf_reader.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fmt/format.h>
#include <libelf.h>

#include <algorithm>
#include <map>
#include <memory>

#include "probe/dwarf_types.h"

namespace assay::probe {
namespace {

constexpr int kDeepest = 64;              // nesting of entries
constexpr size_t kMostEntries = 4000000;  // of one program; larger ones are mangled

std::string text_of(Dwarf_Die* entry, unsigned name) {
  Dwarf_Attribute attribute;
  const char* text = dwarf_formstring(dwarf_attr_integrate(entry, name, &attribute));
  return text ? text : "";
}

bool flag(Dwarf_Die* entry, unsigned name) {
  Dwarf_Attribute attribute;
  bool set = false;
  return dwarf_attr(entry, name, &attribute) && dwarf_formflag(&attribute, &set) == 0 && set;
}

class Walker {
 public:
  explicit Walker(DwarfContents& out) : out_(out) {}
  void walk_unit(Dwarf_Die* unit) {
    folder_ = text_of(unit, DW_AT_comp_dir);
    walk_children(unit, "", 0);
    take_lines(unit);
  }
  // Definitions outside of their class or namespace get the name that was declared there.
  void finish();

 private:
  struct Entry {
    int tag;
    void (Walker::*take)(Dwarf_Die*, const std::string& scope, int depth);
  };
  static const Entry kEntries[];

  void walk_children(Dwarf_Die* parent, const std::string& scope, int depth);
  void take_scope(Dwarf_Die* entry, const std::string& scope, int depth);
  void take_block(Dwarf_Die* entry, const std::string& scope, int depth);
  void take_function(Dwarf_Die* entry, const std::string& scope, int depth);
  void take_variable(Dwarf_Die* entry, const std::string& scope, int depth);
  void take_lines(Dwarf_Die* unit);
  std::string name_of(Dwarf_Die* entry, const std::string& scope);
  void remember_name(Dwarf_Die* entry, const std::string& name) { names_[dwarf_dieoffset(entry)] = name; }
  uint32_t file_index(const char* name);
  std::string path_of(const char* file) const;
  std::string source_of(Dwarf_Die* entry) const;

  template <class T>
  void add(std::vector<T>& list, T item, Dwarf_Die* entry, size_t kind);

  DwarfContents& out_;
  std::string folder_;  // in which the unit was compiled
  size_t entries_ = 0;
  int functions_around_ = 0;
  std::map<Dwarf_Off, std::string> names_;  // qualified, of what was declared
  // Index in variables (kind 0) or functions (kind 1) -> the declaration that knows its name.
  std::vector<std::pair<size_t, Dwarf_Off>> elsewhere_[2];
  std::map<std::string, uint32_t> file_numbers_;
};

const Walker::Entry Walker::kEntries[] = {
    {DW_TAG_namespace, &Walker::take_scope},     {DW_TAG_structure_type, &Walker::take_scope},
    {DW_TAG_class_type, &Walker::take_scope},    {DW_TAG_union_type, &Walker::take_scope},
    {DW_TAG_lexical_block, &Walker::take_block}, {DW_TAG_subprogram, &Walker::take_function},
    {DW_TAG_variable, &Walker::take_variable},
};

void Walker::walk_children(Dwarf_Die* parent, const std::string& scope, int depth) {
  if (depth > kDeepest) return;
  Dwarf_Die child;
  Dwarf_Off last = 0;
  for (int more = dwarf_child(parent, &child); more == 0; more = dwarf_siblingof(&child, &child)) {
    if (dwarf_dieoffset(&child) <= last || ++entries_ > kMostEntries) return;
    last = dwarf_dieoffset(&child);
    const int tag = dwarf_tag(&child);
    const auto* row =
        std::find_if(std::begin(kEntries), std::end(kEntries), [&](const Entry& e) { return e.tag == tag; });
    if (row != std::end(kEntries)) (this->*row->take)(&child, scope, depth + 1);
  }
}

// As the compiler was told it: libdw puts the folder of the build before it.
std::string Walker::path_of(const char* file) const {
  const std::string path = file ? file : "";
  return !folder_.empty() && path.starts_with(folder_ + "/") ? path.substr(folder_.size() + 1) : path;
}

// "src/app.c:12"
std::string Walker::source_of(Dwarf_Die* entry) const {
  const std::string file = path_of(dwarf_decl_file(entry));
  int line = 0;
  return !file.empty() && dwarf_decl_line(entry, &line) == 0 && line > 0 ? fmt::format("{}:{}", file, line)
                                                                         : file;
}

std::string Walker::name_of(Dwarf_Die* entry, const std::string& scope) {
  const char* name = dwarf_diename(entry);
  if (!name || !*name) return "";
  return scope.empty() ? name : scope + "::" + name;
}

void Walker::take_scope(Dwarf_Die* entry, const std::string& scope, int depth) {
  const char* name = dwarf_diename(entry);
  // An unnamed namespace adds nothing: its members are named as the source names them.
  walk_children(entry, name && *name ? name_of(entry, scope) : scope, depth);
}

void Walker::take_block(Dwarf_Die* entry, const std::string& scope, int depth) {
  walk_children(entry, scope, depth);
}

template <class T>
void Walker::add(std::vector<T>& list, T item, Dwarf_Die* entry, size_t kind) {
  Dwarf_Attribute attribute;
  Dwarf_Die origin;
  for (const unsigned link : {DW_AT_abstract_origin, DW_AT_specification}) {
    if (!dwarf_attr(entry, link, &attribute) || !dwarf_formref_die(&attribute, &origin)) continue;
    elsewhere_[kind].emplace_back(list.size(), dwarf_dieoffset(&origin));
    // An out-of-line copy names the abstract one, which names the declaration.
    Dwarf_Die declared;
    if (dwarf_attr(&origin, DW_AT_specification, &attribute) && dwarf_formref_die(&attribute, &declared))
      elsewhere_[kind].back().second = dwarf_dieoffset(&declared);
    break;
  }
  list.push_back(std::move(item));
}

void Walker::take_function(Dwarf_Die* entry, const std::string& scope, int depth) {
  DwarfFunction function;
  function.name = name_of(entry, scope);
  if (function.name.empty()) return;
  Dwarf_Attribute attribute;
  if (!dwarf_attr(entry, DW_AT_specification, &attribute) &&
      !dwarf_attr(entry, DW_AT_abstract_origin, &attribute)) {
    remember_name(entry, function.name);
  }
  if (flag(entry, DW_AT_declaration)) return;
  function.linkage = text_of(entry, DW_AT_linkage_name);
  function.source = source_of(entry);
  Dwarf_Word how = 0;
  function.inlined = dwarf_attr(entry, DW_AT_inline, &attribute) && dwarf_formudata(&attribute, &how) == 0 &&
                     (how == DW_INL_inlined || how == DW_INL_declared_inlined);
  Dwarf_Addr low = 0, high = 0;
  if (dwarf_entrypc(entry, &low) == 0 && low <= UINT32_MAX) {
    function.address = static_cast<uint32_t>(low);
    if (dwarf_lowpc(entry, &low) == 0 && dwarf_highpc(entry, &high) == 0 && high > low && high <= UINT32_MAX)
      function.bytes = static_cast<uint32_t>(high - low);
  }
  function.returns = type_words(entry);
  Dwarf_Die child;
  Dwarf_Off last = 0;
  for (int more = dwarf_child(entry, &child); more == 0; more = dwarf_siblingof(&child, &child)) {
    if (dwarf_dieoffset(&child) <= last || function.parameters.size() > 64) break;
    last = dwarf_dieoffset(&child);
    if (dwarf_tag(&child) == DW_TAG_formal_parameter) function.parameters.push_back(type_words(&child));
    if (dwarf_tag(&child) == DW_TAG_unspecified_parameters) function.parameters.emplace_back("...");
  }
  const std::string name = function.name;
  add(out_.functions, std::move(function), entry, 1);
  ++functions_around_;
  walk_children(entry, name, depth);
  --functions_around_;
}

void Walker::take_variable(Dwarf_Die* entry, const std::string& scope, int) {
  DwarfVariable variable;
  variable.name = name_of(entry, scope);
  if (variable.name.empty()) return;
  Dwarf_Attribute attribute;
  if (!dwarf_attr(entry, DW_AT_specification, &attribute)) remember_name(entry, variable.name);
  if (flag(entry, DW_AT_declaration)) return;
  Dwarf_Op* operations = nullptr;
  size_t count = 0;
  if (dwarf_attr(entry, DW_AT_location, &attribute) &&
      dwarf_getlocation(&attribute, &operations, &count) == 0 && count == 1 &&
      operations[0].atom == DW_OP_addr && operations[0].number <= UINT32_MAX) {
    variable.address = static_cast<uint32_t>(operations[0].number);
  } else if (functions_around_ > 0) {
    return;  // on the stack or in a register
  }
  variable.linkage = text_of(entry, DW_AT_linkage_name);
  variable.source = source_of(entry);
  DwarfType type = type_of(entry);
  variable.type = std::move(type.element);
  variable.dims = std::move(type.dims);
  variable.constant = type.constant;
  variable.bytes = type.bytes;
  add(out_.variables, std::move(variable), entry, 0);
}

uint32_t Walker::file_index(const char* name) {
  const auto [at, fresh] = file_numbers_.try_emplace(path_of(name), static_cast<uint32_t>(out_.files.size()));
  if (fresh) out_.files.push_back(at->first);
  return at->second;
}

void Walker::take_lines(Dwarf_Die* unit) {
  Dwarf_Lines* lines = nullptr;
  size_t count = 0;
  if (dwarf_getsrclines(unit, &lines, &count) != 0) return;
  for (size_t i = 0; i < count; ++i) {
    Dwarf_Line* line = dwarf_onesrcline(lines, i);
    Dwarf_Addr address = 0;
    bool end = false;
    int number = 0;
    if (dwarf_lineaddr(line, &address) != 0 || dwarf_lineendsequence(line, &end) != 0 || end) continue;
    if (dwarf_lineno(line, &number) != 0 || address > UINT32_MAX || number <= 0) continue;
    out_.lines.push_back({static_cast<uint32_t>(address), file_index(dwarf_linesrc(line, nullptr, nullptr)),
                          static_cast<uint32_t>(number)});
  }
}

void Walker::finish() {
  for (const auto& [index, declaration] : elsewhere_[0]) {
    if (const auto found = names_.find(declaration); found != names_.end())
      out_.variables[index].name = found->second;
  }
  for (const auto& [index, declaration] : elsewhere_[1]) {
    if (const auto found = names_.find(declaration); found != names_.end())
      out_.functions[index].name = found->second;
  }
}

}  // namespace

DwarfContents read_dwarf(std::vector<uint8_t>& bytes) {
  DwarfContents out;
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, int (*)(Elf*)> elf(
      elf_memory(reinterpret_cast<char*>(bytes.data()), bytes.size()), elf_end);
  if (!elf) return out;
  const std::unique_ptr<Dwarf, int (*)(Dwarf*)> dwarf(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr),
                                                      dwarf_end);
  if (!dwarf) return out;
  Walker walker(out);
  Dwarf_CU* unit = nullptr;
  Dwarf_Die entry;
  uint8_t kind = 0;
  while (dwarf_get_units(dwarf.get(), unit, &unit, nullptr, &kind, &entry, nullptr) == 0) {
    if (kind != DW_UT_compile && kind != DW_UT_partial) continue;
    out.present = true;
    walker.walk_unit(&entry);
  }
  walker.finish();
  return out;
}

}  // namespace assay::probe
