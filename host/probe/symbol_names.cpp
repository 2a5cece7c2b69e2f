#include "probe/symbol_names.h"

#include <cxxabi.h>
#include <stdlib.h>

#include <memory>
#include <string_view>

namespace assay::probe {
namespace {

// Words of a demangled name that hold a bracket or a blank and are no parameter list, no template argument.
struct Word {
  std::string_view text, stand_in;
};
constexpr Word kWords[] = {
    {"(anonymous namespace)", "\x01"},
    {"operator()", "\x02"},
    {"operator<=>", "\x03"},
    {"operator<<=", "\x04"},
    {"operator<<", "\x05"},
    {"operator<=", "\x06"},
    {"operator->*", "\x07"},
    {"operator->", "\x08"},
    {"operator>>=", "\x0e"},
    {"operator>>", "\x0f"},
    {"operator>=", "\x10"},
    {"operator>", "\x11"},
    {"operator<", "\x12"},
    {"operator new[]", "\x13"},
    {"operator new", "\x14"},
    {"operator delete[]", "\x15"},
    {"operator delete", "\x16"},
};
// What stands before the name of something that is no function.
constexpr std::string_view kPrefixes[] = {"vtable for ",      "typeinfo name for ",  "typeinfo for ",
                                          "VTT for ",         "guard variable for ", "non-virtual thunk to ",
                                          "virtual thunk to "};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Without what stands between < and >, which may hold brackets of its own.
std::string without_arguments(const std::string& text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '<' && depth++ == 0) out += c;
    if (c == '>' && depth > 0 && --depth == 0) {
      out += c;
      continue;
    }
    if (depth == 0) out += c;
  }
  return out;
}

}  // namespace

std::string group_name(const std::string& demangled) {
  std::string name = demangled, prefix;
  for (const std::string_view known : kPrefixes) {
    if (!name.starts_with(known)) continue;
    prefix = known;
    name.erase(0, known.size());
    break;
  }
  for (const Word& word : kWords) replace_all(name, word.text, word.stand_in);
  const bool templated = name.find('<') != std::string::npos;
  name = without_arguments(name);
  const size_t parameters = name.find('(');
  if (parameters != std::string::npos && parameters > 0) name.resize(parameters);
  // Only instances of templates are demangled with what they return.
  if (templated && parameters != std::string::npos) {
    const size_t blank = name.rfind(' ');
    if (blank != std::string::npos && blank + 1 < name.size()) name.erase(0, blank + 1);
  }
  for (const Word& word : kWords) replace_all(name, word.stand_in, word.text);
  return prefix + name;
}

std::string readable_name(const std::string& linker_name) {
  // "f.constprop.0", "buffer.12", "f.part.3.cold"; a name that begins with a dot is a label of an assembler.
  const size_t dot = linker_name.find('.', 1);
  const std::string name = linker_name.substr(0, dot);
  if (!name.starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), free);
  return status == 0 && text ? group_name(text.get()) : name;
}

}  // namespace assay::probe
