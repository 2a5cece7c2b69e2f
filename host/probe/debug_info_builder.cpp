#include "probe/debug_info_builder.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace assay::probe {
namespace {

// What GCC appends to a copy of a function whose arguments it changed, or to a part of one.
constexpr std::string_view kCopies[] = {".constprop.", ".isra.", ".part.", ".cold"};

bool is_copy(const std::string& symbol) {
  return std::any_of(std::begin(kCopies), std::end(kCopies),
                     [&](std::string_view mark) { return symbol.find(mark) != std::string::npos; });
}

// Sorts `list` by address; `position[i]` is where entry i went.
template <class T>
std::vector<size_t> sort_by_address(std::vector<T>& list) {
  std::vector<size_t> order(list.size()), position(list.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return list[a].address < list[b].address; });
  std::vector<T> sorted;
  sorted.reserve(list.size());
  for (size_t i = 0; i < order.size(); ++i) {
    position[order[i]] = i;
    sorted.push_back(std::move(list[order[i]]));
  }
  list = std::move(sorted);
  return position;
}

}  // namespace

void DebugInfoBuilder::build(std::vector<uint8_t>& bytes, const ElfImage& image) {
  image_ = &image;
  symbols_ = read_elf_symbols(bytes);
  for (size_t i = 0; i < symbols_.size(); ++i) by_address_.emplace(symbols_[i].address, i);
  const DwarfContents contents = read_dwarf(bytes);
  info_.has_dwarf_ = contents.present;
  for (const DwarfFunction& function : contents.functions) take_function(function);
  for (const DwarfVariable& variable : contents.variables) take_variable(variable);
  for (const ElfSymbol& symbol : symbols_) take_symbol(symbol);
  take_lines(contents);
  sort();
  forget_found();
}

const ElfSymbol* DebugInfoBuilder::symbol_at(uint32_t address, bool code) const {
  const ElfSymbol* best = nullptr;
  const auto [first, last] = by_address_.equal_range(address);
  for (auto at = first; at != last; ++at) {
    const ElfSymbol& symbol = symbols_[at->second];
    if (symbol.code != code) continue;
    if (!best || (best->kind == ElfSymbol::Kind::kOther && symbol.kind != ElfSymbol::Kind::kOther))
      best = &symbol;
  }
  return best;
}

bool DebugInfoBuilder::writable(uint32_t address) const {
  for (const Section& section : image_->sections()) {
    if (section.allocated && address >= section.address && address - section.address < section.size)
      return section.writable;
  }
  return true;
}

void DebugInfoBuilder::take_function(const DwarfFunction& in) {
  if (!in.address) {
    info_.missing_functions_.push_back({in.name, in.inlined ? Gone::kInlined : Gone::kNoPlace, ""});
    return;
  }
  const ElfSymbol* symbol = symbol_at(*in.address, true);
  // The linker leaves the entries of what it removes, at address 0.
  if (symbols_.empty() ? *in.address == 0 : !symbol) {
    info_.missing_functions_.push_back({in.name, Gone::kRemoved, ""});
    return;
  }
  if (function_at_.count(*in.address)) return;
  Function out{in.name, *in.address, in.bytes, in.parameters, in.returns, in.source};
  if (symbol && symbol->bytes > 0) out.bytes = symbol->bytes;
  if (symbol && is_copy(symbol->name)) {
    info_.missing_functions_.push_back({in.name, Gone::kSpecialised, symbol->name});
    out.name = symbol->name;
    out.parameters.clear();
    out.returns.clear();
  }
  function_at_[out.address] = info_.functions_.size();
  if (!in.linkage.empty()) info_.function_aliases_.push_back({in.linkage, info_.functions_.size()});
  info_.functions_.push_back(std::move(out));
}

void DebugInfoBuilder::take_variable(const DwarfVariable& in) {
  if (!in.address) {
    info_.missing_variables_.push_back({in.name, Gone::kNoPlace, ""});
    return;
  }
  const ElfSymbol* symbol = symbol_at(*in.address, false);
  if (symbols_.empty() ? *in.address == 0 : !symbol) {
    info_.missing_variables_.push_back({in.name, Gone::kRemoved, ""});
    return;
  }
  if (variable_at_.count(*in.address)) return;
  Variable out{in.name,  *in.address, in.bytes, in.type, in.dims, in.constant || !writable(*in.address),
               in.source};
  if (symbol && symbol->bytes > 0) out.bytes = symbol->bytes;
  variable_at_[out.address] = info_.variables_.size();
  if (!in.linkage.empty()) info_.variable_aliases_.push_back({in.linkage, info_.variables_.size()});
  info_.variables_.push_back(std::move(out));
}

void DebugInfoBuilder::take_symbol(const ElfSymbol& symbol) {
  const bool function =
      symbol.kind == ElfSymbol::Kind::kFunction || (symbol.code && symbol.kind == ElfSymbol::Kind::kOther);
  if (!function && symbol.kind != ElfSymbol::Kind::kObject)
    return;  // of the linker script: a place, not a thing
  auto& at = function ? function_at_ : variable_at_;
  auto& aliases = function ? info_.function_aliases_ : info_.variable_aliases_;
  if (const auto known = at.find(symbol.address); known != at.end()) {
    aliases.push_back({symbol.name, known->second});
    return;
  }
  if (symbol.kind == ElfSymbol::Kind::kOther) return;  // a label inside assembly
  const std::string readable = demangled(symbol.name);
  const std::string name = readable == symbol.name ? readable : readable.substr(0, readable.find('('));
  const size_t index = function ? info_.functions_.size() : info_.variables_.size();
  if (function) {
    info_.functions_.push_back({name, symbol.address, symbol.bytes, {}, "", symbol.file});
  } else {
    info_.variables_.push_back({name, symbol.address, symbol.bytes, "", {}, !symbol.writable, symbol.file});
  }
  at[symbol.address] = index;
  if (name != symbol.name) aliases.push_back({symbol.name, index});
}

void DebugInfoBuilder::take_lines(const DwarfContents& contents) {
  info_.files_ = contents.files;
  for (const DwarfLine& line : contents.lines) info_.lines_.push_back({line.address, line.file, line.line});
  for (const DwarfFunction& function : contents.functions) {
    const auto [file, first] = split_line(function.source);
    if (first > 0) info_.first_lines_[file].insert(first);
  }
  std::stable_sort(info_.lines_.begin(), info_.lines_.end(),
                   [](const auto& a, const auto& b) { return a.address < b.address; });
}

void DebugInfoBuilder::sort() {
  const auto functions = sort_by_address(info_.functions_);
  const auto variables = sort_by_address(info_.variables_);
  for (auto& alias : info_.function_aliases_) alias.index = functions[alias.index];
  for (auto& alias : info_.variable_aliases_) alias.index = variables[alias.index];
}

// What is missing in one file and there in another is there.
void DebugInfoBuilder::forget_found() {
  const auto forget = [](auto& missing, const auto& list) {
    std::set<std::string> names;
    for (const auto& item : list) names.insert(item.name);
    std::erase_if(missing, [&](const auto& gone) { return names.count(gone.name) > 0; });
  };
  forget(info_.missing_functions_, info_.functions_);
  forget(info_.missing_variables_, info_.variables_);
}

}  // namespace assay::probe
