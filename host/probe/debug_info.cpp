#include "probe/debug_info.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "config/nearest.h"
#include "probe/debug_info_builder.h"
#include "probe/elf_image.h"
#include "probe/elf_symbols.h"

namespace assay::probe {
namespace {

struct Asked {
  std::string file;  // empty: any
  std::string name;
};

// "src/app.c:buffer" -> file and name; the colons of "ns::name" separate nothing.
Asked split_file(const std::string& text) {
  for (size_t i = text.size(); i-- > 1;) {
    if (text[i] != ':' || i + 1 >= text.size()) continue;
    if (text[i - 1] == ':') {
      --i;
      continue;
    }
    return {text.substr(0, i), text.substr(i + 1)};
  }
  return {"", text};
}

bool is_of_file(const std::string& source, const std::string& file) {
  const std::string path = source.substr(0, source.rfind(':'));
  return file.empty() || path == file || path.ends_with("/" + file) || source == file;
}

// How well `name` is what was asked for: 2 exactly, 1 but for its namespaces or parameters, 0 not at all.
int match(const std::string& name, const std::string& asked) {
  if (name == asked) return 2;
  if (name.ends_with("::" + asked)) return 1;
  const std::string readable = demangled(name);
  if (readable == asked) return 2;
  const std::string bare = readable.substr(0, readable.find('('));
  const bool same = bare == asked || bare.ends_with("::" + asked);
  return readable != name && same ? 1 : 0;
}

template <class T>
std::string described(const T& item) {
  return fmt::format("{} at 0x{:08x}{}", item.name, item.address,
                     item.source.empty() ? "" : " (" + item.source + ")");
}

std::string why_gone(Gone why, const std::string& detail, bool has_dwarf) {
  switch (why) {
    case Gone::kInlined:
      return "the compiler inlined it into its callers and left no function to call";
    case Gone::kRemoved:
      return "the linker removed it, because nothing in the program uses it";
    case Gone::kSpecialised:
      return fmt::format("the compiler left only the specialised copy '{}', whose arguments are its own",
                         detail);
    case Gone::kNoPlace:
      break;
  }
  return has_dwarf ? "the compiler left no place for it in memory" : "it has no place in memory";
}

}  // namespace

std::pair<std::string, uint32_t> split_line(const std::string& source) {
  const auto colon = source.rfind(':');
  if (colon == std::string::npos) return {source, 0};
  return {source.substr(0, colon), static_cast<uint32_t>(strtoul(source.c_str() + colon + 1, nullptr, 10))};
}

template <class T>
Result<T> DebugInfo::find(const std::string& name, const std::vector<T>& list,
                          const std::vector<Alias>& aliases, const std::vector<Missing>& missing,
                          const char* what) const {
  const Asked asked = split_file(name);
  std::set<size_t> found[3];
  const auto consider = [&](const std::string& candidate, size_t index) {
    const int how = match(candidate, asked.name);
    if (how > 0 && is_of_file(list[index].source, asked.file)) found[how].insert(index);
  };
  for (size_t i = 0; i < list.size(); ++i) consider(list[i].name, i);
  for (const Alias& alias : aliases) consider(alias.name, alias.index);
  const std::set<size_t>& best = found[2].empty() ? found[1] : found[2];
  if (best.size() == 1) return list[*best.begin()];
  if (best.size() > 1) {
    std::vector<std::string> words;
    for (const size_t index : best) words.push_back(described(list[index]));
    return fail("probe.symbol_ambiguous",
                fmt::format("{} {}s are named '{}': {}", best.size(), what, name, fmt::join(words, ", ")),
                where_);
  }
  for (const Missing& gone : missing) {
    if (match(gone.name, asked.name) == 0) continue;
    return fail("probe.symbol_gone",
                fmt::format("'{}' is in the source but not in the program: {}", name,
                            why_gone(gone.why, gone.detail, has_dwarf_)),
                where_);
  }
  std::vector<std::string> names;
  for (const T& item : list) names.push_back(item.name);
  const std::string near = config::nearest(asked.name, names);
  return fail("probe.no_symbol",
              fmt::format("the program has no {} '{}'{}", what, name,
                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
              where_);
}

Result<Variable> DebugInfo::find_variable(const std::string& name) const {
  auto found = find(name, variables_, variable_aliases_, missing_variables_, "variable");
  if (found || found.error().code != "probe.no_symbol") return found;
  if (const auto function = find_function(name)) {
    found.error().message = fmt::format("'{}' is a function, not a variable", name);
  }
  return found;
}

Result<Function> DebugInfo::find_function(const std::string& name) const {
  auto found = find(name, functions_, function_aliases_, missing_functions_, "function");
  if (found || found.error().code != "probe.no_symbol") return found;
  if (find(name, variables_, variable_aliases_, {}, "variable")) {
    found.error().message = fmt::format("'{}' is a variable, not a function", name);
  }
  return found;
}

// Lines of code that the linker removed overlap those of what is there, all mixed by address. So a line
// counts when it is one of the function's own: from its first to the next function's in the file. Code
// inlined into it counts as the line before.
const DebugInfo::Line* DebugInfo::line_at(uint32_t address, const Function& function) const {
  const auto [file, first] = split_line(function.source);
  uint32_t next = UINT32_MAX;
  if (const auto starts = first_lines_.find(file); starts != first_lines_.end()) {
    const auto after = starts->second.upper_bound(first);
    if (after != starts->second.end()) next = *after;
  }
  auto at = std::upper_bound(lines_.begin(), lines_.end(), address,
                             [](uint32_t a, const Line& row) { return a < row.address; });
  while (at != lines_.begin() && (--at)->address >= function.address) {
    if (files_[at->file] == file && at->line >= first && at->line < next) return &*at;
  }
  return nullptr;
}

Place DebugInfo::where(uint32_t address) const {
  Place place;
  place.text = fmt::format("0x{:08x}", address);
  const auto after = std::upper_bound(functions_.begin(), functions_.end(), address,
                                      [](uint32_t at, const Function& f) { return at < f.address; });
  if (after == functions_.begin()) return place;
  const Function& function = *std::prev(after);
  if (address - function.address >= std::max(function.bytes, 1u)) return place;
  place.function = place.text = function.name;
  if (const Line* row = line_at(address, function)) {
    place.source = fmt::format("{}:{}", files_[row->file], row->line);
    place.text += " (" + place.source + ")";
  }
  return place;
}

Result<DebugInfo> DebugInfo::parse(std::vector<uint8_t> bytes, const std::string& where) {
  // Proves that it is a linked program before libdw sees it.
  ASSAY_TRY(const ElfImage image, ElfImage::parse(bytes, where));
  DebugInfo info;
  info.where_ = where;
  DebugInfoBuilder(info).build(bytes, image);
  return info;
}

Result<DebugInfo> DebugInfo::read(const std::filesystem::path& path) {
  ASSAY_TRY(auto bytes, read_bytes(path));
  return parse(std::move(bytes), path.string());
}

}  // namespace assay::probe
