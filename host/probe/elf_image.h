// A firmware image: what of it goes where, what it is called, who built it.
//
// The file is read once and kept; what libelf says of it is checked against its size before any byte is
// touched, so a truncated or mangled file is probe.bad_elf, never a crash.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::probe {

using BuildId = std::array<uint8_t, 16>;
std::string build_id_text(const BuildId& id);  // 32 hex digits

struct Segment {                   // a PT_LOAD with bytes in the file
  uint32_t address = 0;            // where it is loaded (physical), as OpenOCD and the flash see it
  uint32_t run_address = 0;        // where the program finds it (virtual)
  std::span<const uint8_t> bytes;  // owned by the ElfImage
};

struct Section {
  std::string name;
  uint64_t address = 0;
  uint64_t size = 0;
  bool allocated = false;  // takes memory on the target
  bool writable = false;
  bool has_bytes = false;   // in the file (.text, .data), not .bss
  bool executable = false;  // holds instructions
};

struct Symbol {
  uint64_t address = 0;
  uint64_t size = 0;
};

// One entry of the symbol table that names something: functions, variables, labels.
struct NamedSymbol {
  enum class Kind : uint8_t { kLabel, kFunction, kObject };
  std::string name;           // as the linker knows it: not demangled
  std::string file;           // the source file, where the table says it: of local symbols only
  uint64_t address = 0;       // without the Thumb bit
  uint64_t size = 0;          // 0: the table does not say
  size_t section = SIZE_MAX;  // index into sections(); SIZE_MAX: absolute
  Kind kind = Kind::kLabel;
  bool global = false;  // or weak
};

// What the image takes on the target, by its allocated sections.
struct MemoryUse {
  uint64_t flash_bytes = 0;  // code, constants and the initial values of data
  uint64_t ram_bytes = 0;    // data and bss
};

class ElfImage {
 public:
  // base.file; probe.bad_elf with what is wrong.
  static Result<ElfImage> read(const std::filesystem::path& path);
  // `where` names the bytes in messages. probe.bad_elf.
  static Result<ElfImage> parse(std::vector<uint8_t> bytes, const std::string& where);

  const std::filesystem::path& path() const { return path_; }  // empty after parse()
  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<Section>& sections() const { return sections_; }
  std::optional<Symbol> symbol(const std::string& name) const;
  // All that name something, in the order of the file; mapping symbols ("$t") are left out.
  const std::vector<NamedSymbol>& named_symbols() const { return named_symbols_; }
  uint64_t loadable_bytes() const;
  MemoryUse memory_use() const;
  // Bytes at a load address; empty unless one segment holds them all.
  std::span<const uint8_t> bytes_at(uint64_t address, size_t count) const;
  // Where in the file the bytes lie that the program finds at `run_address`; nullopt unless one segment holds
  // them all.
  std::optional<size_t> file_offset(uint64_t run_address, size_t count) const;
  // Of the section ".assay_build_id", else the 16 bytes at `fallback_address` of a segment (0: none). Absent
  // also when all bytes are 0x00 or all 0xff: nobody filled it in.
  std::optional<BuildId> build_id(uint64_t fallback_address) const;
  // Who compiled it, of the section ".comment": "gcc 12.2.1", "clang 14.0.6"; empty when it does not say.
  const std::string& compiler() const { return compiler_; }

 private:
  std::filesystem::path path_;
  std::vector<uint8_t> bytes_;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  std::map<std::string, Symbol> symbols_;
  std::vector<NamedSymbol> named_symbols_;
  std::span<const uint8_t> build_id_section_;
  std::string compiler_;
  friend class ElfReader;
};

}  // namespace assay::probe
