#include "probe/elf_symbols.h"

#include <cxxabi.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>

#include <memory>
#include <optional>

namespace assay::probe {
namespace {

// $a, $t, $d and $x mark what follows as Arm, Thumb, data or A64; they name nothing.
bool is_mapping(const std::string& name) {
  return name.size() >= 2 && name[0] == '$' && (name.size() == 2 || name[2] == '.');
}

class SymbolReader {
 public:
  SymbolReader(Elf* elf, size_t file_size) : elf_(elf), file_size_(file_size) {
    GElf_Ehdr header;
    if (gelf_getehdr(elf, &header) && header.e_machine == EM_ARM) thumb_bit_ = 1;
  }

  std::vector<ElfSymbol> read() {
    for (Elf_Scn* scn = elf_nextscn(elf_, nullptr); scn; scn = elf_nextscn(elf_, scn)) {
      GElf_Shdr header;
      if (!gelf_getshdr(scn, &header)) break;
      if (header.sh_type == SHT_SYMTAB) take_table(scn, header);
    }
    return std::move(symbols_);
  }

 private:
  void take_table(Elf_Scn* scn, const GElf_Shdr& header) {
    if (header.sh_offset > file_size_ || header.sh_size > file_size_ - header.sh_offset) return;
    Elf_Data* data = elf_getdata(scn, nullptr);
    const size_t entry = gelf_fsize(elf_, ELF_T_SYM, 1, EV_CURRENT);
    if (!data || !data->d_buf || entry == 0) return;
    std::string file;
    for (size_t i = 0; i < data->d_size / entry; ++i) {
      GElf_Sym symbol;
      if (!gelf_getsym(data, static_cast<int>(i), &symbol)) continue;
      const char* name = elf_strptr(elf_, header.sh_link, symbol.st_name);
      if (!name || !*name) continue;
      if (GELF_ST_TYPE(symbol.st_info) == STT_FILE) {
        file = name;
      } else {
        take(symbol, name, file);
      }
    }
  }

  void take(const GElf_Sym& symbol, const std::string& name, const std::string& file) {
    const int type = GELF_ST_TYPE(symbol.st_info);
    const bool placed = symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < SHN_LORESERVE;
    if (!placed || type == STT_SECTION || type == STT_TLS || is_mapping(name)) return;
    if (symbol.st_value > UINT32_MAX || symbol.st_size > UINT32_MAX) return;
    ElfSymbol out;
    out.name = name;
    out.kind = type == STT_FUNC     ? ElfSymbol::Kind::kFunction
               : type == STT_OBJECT ? ElfSymbol::Kind::kObject
                                    : ElfSymbol::Kind::kOther;
    out.address = static_cast<uint32_t>(symbol.st_value);
    if (out.kind == ElfSymbol::Kind::kFunction) out.address &= ~thumb_bit_;
    out.bytes = static_cast<uint32_t>(symbol.st_size);
    out.global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL;
    if (!out.global) out.file = file;
    GElf_Shdr section;
    if (Elf_Scn* scn = elf_getscn(elf_, symbol.st_shndx); scn && gelf_getshdr(scn, &section)) {
      if (!(section.sh_flags & SHF_ALLOC)) return;
      out.writable = section.sh_flags & SHF_WRITE;
      out.code = section.sh_flags & SHF_EXECINSTR;
    }
    symbols_.push_back(std::move(out));
  }

  Elf* elf_;
  size_t file_size_;
  uint32_t thumb_bit_ = 0;
  std::vector<ElfSymbol> symbols_;
};

}  // namespace

std::vector<ElfSymbol> read_elf_symbols(std::vector<uint8_t>& bytes) {
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, int (*)(Elf*)> elf(
      elf_memory(reinterpret_cast<char*>(bytes.data()), bytes.size()), elf_end);
  return elf ? SymbolReader(elf.get(), bytes.size()).read() : std::vector<ElfSymbol>();
}

std::string demangled(const std::string& name) {
  if (!name.starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), free);
  return status == 0 && text ? std::string(text.get()) : name;
}

}  // namespace assay::probe
