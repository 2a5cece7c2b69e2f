#include "probe/code_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "probe/operator_names.h"
#include "probe/symbol_names.h"

namespace assay::probe {
namespace {

constexpr uint64_t kMostPadding = 16;  // between two symbols: linkers align functions to no more

MemoryBytes bytes_in(const Section& section, uint64_t bytes) {
  MemoryBytes in;
  (section.executable   ? in.code
   : !section.has_bytes ? in.zeroed
   : section.writable   ? in.data
                        : in.constants) = bytes;
  return in;
}

// At one address the symbol that a reader looks for comes first: a global one, a longer one, then by name.
bool comes_before(const NamedSymbol* a, const NamedSymbol* b) {
  if (a->address != b->address) return a->address < b->address;
  if ((a->size > 0) != (b->size > 0)) return a->size > 0;
  if (a->global != b->global) return a->global;
  if (a->size != b->size) return a->size > b->size;
  return a->name < b->name;
}

// The last part of a path.
std::string base_name(const std::string& file) { return file.substr(file.rfind('/') + 1); }

// Cuts one section at its symbols.
class SectionCutter {
 public:
  SectionCutter(const Section& section, std::vector<CodePart>& parts)
      : section_(section), end_(section.address + section.size), parts_(parts), at_(section.address) {}

  void cut(std::vector<const NamedSymbol*> symbols) {
    std::sort(symbols.begin(), symbols.end(), comes_before);
    for (const NamedSymbol* symbol : symbols) {
      if (symbol->address < section_.address || symbol->address >= end_) continue;
      if (symbol->size > 0) {
        fill_gap(symbol->address);
        take(symbol, symbol->size);
      } else if (section_.executable && symbol->address >= at_ &&
                 symbol->kind != NamedSymbol::Kind::kObject) {
        fill_gap(symbol->address);
        if (!label_) label_ = symbol;
      }
    }
    fill_gap(end_);
  }

 private:
  // What several symbols share belongs to the first of them.
  void take(const NamedSymbol* symbol, uint64_t size) {
    const uint64_t from = std::max(symbol->address, at_);
    const uint64_t to = size > end_ - symbol->address ? end_ : symbol->address + size;
    if (to <= from) return;
    add(readable_name(symbol->name), base_name(symbol->file), to - from, false);
    at_ = to;
  }

  // Up to the next symbol: the label's where one has no size, else nobody's.
  void fill_gap(uint64_t to) {
    if (to <= at_) return;
    const uint64_t gap = to - at_;
    if (label_) {
      add(readable_name(label_->name), base_name(label_->file), gap, true);
    } else if (gap < kMostPadding && section_.has_bytes && at_ > section_.address) {
      add("(padding)", "", gap, false);
    } else {
      add(fmt::format("({} without a symbol)", section_.name), "", gap, false);
    }
    label_ = nullptr;
    at_ = to;
  }

  void add(std::string name, std::string file, uint64_t bytes, bool estimated) {
    std::string op = operator_of_symbol(name, file);
    parts_.push_back({std::move(name), section_.name, std::move(file), std::move(op),
                      bytes_in(section_, bytes), estimated});
  }

  const Section& section_;
  const uint64_t end_;
  std::vector<CodePart>& parts_;
  uint64_t at_;                         // what lies before is in a part
  const NamedSymbol* label_ = nullptr;  // begins at at_, without a size
};

std::string key_of(const CodePart& part, SizeBy by) {
  switch (by) {
    case SizeBy::kSection:
      return part.section;
    case SizeBy::kOperator:
      return part.op;
    case SizeBy::kFile:
      return part.file.empty() ? "(file not known)" : part.file;
    case SizeBy::kSymbol:
      break;
  }
  return part.symbol;
}

const char* change_word(const MemoryBytes& before, const MemoryBytes& now) {
  if (before.total() == 0) return "new";
  if (now.total() == 0) return "gone";
  return now.total() < before.total() ? "shrunk" : "grown";
}

bool equal(const MemoryBytes& a, const MemoryBytes& b) {
  return a.code == b.code && a.constants == b.constants && a.data == b.data && a.zeroed == b.zeroed;
}

}  // namespace

MemoryBytes& MemoryBytes::operator+=(const MemoryBytes& other) {
  code += other.code, constants += other.constants, data += other.data, zeroed += other.zeroed;
  return *this;
}

std::vector<CodePart> code_parts(const ElfImage& image) {
  const std::vector<Section>& sections = image.sections();
  std::vector<std::vector<const NamedSymbol*>> symbols(sections.size());
  for (const NamedSymbol& symbol : image.named_symbols()) {
    if (symbol.section < sections.size()) symbols[symbol.section].push_back(&symbol);
  }
  std::vector<CodePart> parts;
  for (size_t i = 0; i < sections.size(); ++i) {
    const Section& section = sections[i];
    if (!section.allocated || section.size == 0 || section.size > UINT64_MAX - section.address) continue;
    SectionCutter(section, parts).cut(std::move(symbols[i]));
  }
  return parts;
}

std::vector<SizeRow> sizes_by(const std::vector<CodePart>& parts, SizeBy by) {
  std::map<std::string, SizeRow> rows;
  for (const CodePart& part : parts) {
    std::string key = key_of(part, by);
    SizeRow& row = rows[key];
    row.name = std::move(key);
    row.bytes += part.bytes;
    row.estimated = row.estimated || part.estimated;
    ++row.count;
  }
  std::vector<SizeRow> sorted;
  for (auto& [name, row] : rows) sorted.push_back(std::move(row));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const SizeRow& a, const SizeRow& b) { return a.bytes.total() > b.bytes.total(); });
  return sorted;
}

MemoryBytes total_of(const std::vector<SizeRow>& rows) {
  MemoryBytes total;
  for (const SizeRow& row : rows) total += row.bytes;
  return total;
}

std::vector<SizeChange> size_changes(const std::vector<SizeRow>& before, const std::vector<SizeRow>& now) {
  std::map<std::string, SizeChange> changes;
  for (const SizeRow& row : before) changes[row.name].before = row.bytes;
  for (const SizeRow& row : now) changes[row.name].now = row.bytes;
  std::vector<SizeChange> sorted;
  for (auto& [name, change] : changes) {
    if (equal(change.before, change.now)) continue;
    change.name = name;
    change.word = change_word(change.before, change.now);
    sorted.push_back(std::move(change));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const SizeChange& a, const SizeChange& b) {
    return std::abs(a.delta()) > std::abs(b.delta());
  });
  return sorted;
}

}  // namespace assay::probe
