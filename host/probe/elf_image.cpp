#include "probe/elf_image.h"

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include <algorithm>
#include <memory>

#include "base/files.h"

namespace assay::probe {
namespace {

// "GCC: (15:12.2.rel1-1) 12.2.1 20221205" -> "gcc 12.2.1"; "Debian clang version 14.0.6" -> "clang 14.0.6".
// What is not of one of these forms is left out: the name of a file is made of it.
std::string compiler_of(std::span<const uint8_t> comment) {
  const std::string text(comment.begin(), comment.end());
  struct Form {
    const char* mark;
    const char* name;
  };
  for (const Form& form : {Form{"clang version ", "clang"}, Form{"GCC: (", "gcc"}}) {
    size_t at = text.find(form.mark);
    if (at == std::string::npos) continue;
    at = form.mark[0] == 'G' ? text.find(") ", at) : at + strlen(form.mark) - 2;
    if (at == std::string::npos) continue;
    const size_t end = text.find_first_not_of("0123456789.", at + 2);
    const std::string version = text.substr(at + 2, end == std::string::npos ? end : end - at - 2);
    if (!version.empty()) return fmt::format("{} {}", form.name, version);
  }
  return "";
}

}  // namespace

// Walks one file with libelf and fills an ElfImage.
class ElfReader {
 public:
  ElfReader(ElfImage& image, std::string where) : image_(image), where_(std::move(where)) {}
  Status read();

 private:
  Status read_segments();
  Status read_sections();
  void read_symbols(Elf_Scn* section, const GElf_Shdr& header);
  void add_named(const char* name, const GElf_Sym& symbol, const std::string& file);
  tl::unexpected<Error> bad(const std::string& what) const { return fail("probe.bad_elf", what, where_); }
  // The bytes [offset, offset + size) of the file; nullopt when they are not all there.
  std::optional<std::span<const uint8_t>> slice(uint64_t offset, uint64_t size) const {
    const std::span<const uint8_t> all(image_.bytes_);
    if (offset > all.size() || size > all.size() - offset) return std::nullopt;
    return all.subspan(offset, size);
  }

  ElfImage& image_;
  std::string where_;
  std::unique_ptr<Elf, int (*)(Elf*)> elf_{nullptr, elf_end};
  bool arm_ = false;  // bit 0 of a function's address says Thumb there
};

Status ElfReader::read() {
  elf_version(EV_CURRENT);
  if (image_.bytes_.size() < EI_NIDENT || memcmp(image_.bytes_.data(), ELFMAG, SELFMAG) != 0) {
    return bad(fmt::format("not an ELF file ({} bytes)", image_.bytes_.size()));
  }
  elf_.reset(elf_memory(reinterpret_cast<char*>(image_.bytes_.data()), image_.bytes_.size()));
  GElf_Ehdr header;
  if (!elf_ || elf_kind(elf_.get()) != ELF_K_ELF || !gelf_getehdr(elf_.get(), &header)) {
    return bad(fmt::format("the ELF header cannot be read: {}", elf_errmsg(-1)));
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    return bad(fmt::format("not a linked program (ELF type {}): link the object files first", header.e_type));
  }
  arm_ = header.e_machine == EM_ARM;
  ASSAY_CHECK(read_segments());
  return read_sections();
}

Status ElfReader::read_segments() {
  size_t count = 0;
  if (elf_getphdrnum(elf_.get(), &count) != 0) return bad(fmt::format("program headers: {}", elf_errmsg(-1)));
  bool any_physical = false;
  std::vector<GElf_Phdr> loads;
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf_.get(), static_cast<int>(i), &header)) {
      return bad(fmt::format("program header {} of {} cannot be read: {}", i, count, elf_errmsg(-1)));
    }
    if (header.p_type != PT_LOAD || header.p_filesz == 0) continue;
    any_physical = any_physical || header.p_paddr != 0;
    loads.push_back(header);
  }
  for (const GElf_Phdr& load : loads) {
    const auto bytes = slice(load.p_offset, load.p_filesz);
    if (!bytes) {
      return bad(fmt::format(
          "a segment's {} bytes at offset {} lie outside of the file of {} bytes: it is truncated",
          load.p_filesz, load.p_offset, image_.bytes_.size()));
    }
    // Files without physical addresses are loaded where they run, as OpenOCD does.
    const uint64_t address = any_physical ? load.p_paddr : load.p_vaddr;
    if (address > UINT32_MAX || load.p_filesz > UINT32_MAX - address || load.p_vaddr > UINT32_MAX) {
      return bad(fmt::format("a segment at 0x{:x} lies beyond 32 bits of address", address));
    }
    image_.segments_.push_back({static_cast<uint32_t>(address), static_cast<uint32_t>(load.p_vaddr), *bytes});
  }
  if (image_.segments_.empty()) return bad("no loadable segment: there is nothing to write to a board");
  return {};
}

Status ElfReader::read_sections() {
  size_t names = 0;
  if (elf_getshdrstrndx(elf_.get(), &names) != 0)
    return {};  // stripped of all sections: loadable all the same
  for (Elf_Scn* scn = elf_nextscn(elf_.get(), nullptr); scn; scn = elf_nextscn(elf_.get(), scn)) {
    GElf_Shdr header;
    if (!gelf_getshdr(scn, &header))
      return bad(fmt::format("a section header cannot be read: {}", elf_errmsg(-1)));
    const char* name = elf_strptr(elf_.get(), names, header.sh_name);
    Section section;
    section.name = name ? name : "";
    section.address = header.sh_addr;
    section.size = header.sh_size;
    section.allocated = header.sh_flags & SHF_ALLOC;
    section.writable = header.sh_flags & SHF_WRITE;
    section.has_bytes = header.sh_type != SHT_NOBITS;
    section.executable = header.sh_flags & SHF_EXECINSTR;
    if (section.name == ".assay_build_id" && section.has_bytes &&
        header.sh_size >= std::tuple_size_v<BuildId>) {
      if (auto bytes = slice(header.sh_offset, std::tuple_size_v<BuildId>)) image_.build_id_section_ = *bytes;
    }
    if (section.name == ".comment" && section.has_bytes) {
      if (auto bytes = slice(header.sh_offset, header.sh_size)) image_.compiler_ = compiler_of(*bytes);
    }
    if (header.sh_type == SHT_SYMTAB) read_symbols(scn, header);
    image_.sections_.push_back(std::move(section));
  }
  return {};
}

void ElfReader::read_symbols(Elf_Scn* scn, const GElf_Shdr& header) {
  if (!slice(header.sh_offset, header.sh_size)) return;
  Elf_Data* data = elf_getdata(scn, nullptr);
  if (!data || !data->d_buf) return;
  const size_t entry = gelf_fsize(elf_.get(), ELF_T_SYM, 1, EV_CURRENT);
  if (entry == 0) return;
  std::string file;  // of the local symbols that follow
  for (size_t i = 0; i < data->d_size / entry; ++i) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol) || symbol.st_shndx == SHN_UNDEF) continue;
    const char* name = elf_strptr(elf_.get(), header.sh_link, symbol.st_name);
    if (GELF_ST_TYPE(symbol.st_info) == STT_FILE) file = name ? name : "";
    if (!name || !*name) continue;
    const bool global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL;
    add_named(name, symbol, global ? "" : file);
    // A name may be local in several files; the global one is what a user means.
    if (global) {
      image_.symbols_[name] = {symbol.st_value, symbol.st_size};
    } else {
      image_.symbols_.try_emplace(name, Symbol{symbol.st_value, symbol.st_size});
    }
  }
}

void ElfReader::add_named(const char* name, const GElf_Sym& symbol, const std::string& file) {
  using Kind = NamedSymbol::Kind;
  const int type = GELF_ST_TYPE(symbol.st_info);
  if (type != STT_NOTYPE && type != STT_FUNC && type != STT_OBJECT) return;
  if (name[0] == '$') return;  // mapping symbols of ARM and RISC-V: where code and data begin
  NamedSymbol named;
  named.name = name;
  named.file = file;
  named.kind = type == STT_FUNC ? Kind::kFunction : type == STT_OBJECT ? Kind::kObject : Kind::kLabel;
  named.address = type == STT_FUNC && arm_ ? symbol.st_value & ~uint64_t{1} : symbol.st_value;
  named.size = symbol.st_size;
  // Section 0 is the one that there is not.
  if (symbol.st_shndx < SHN_LORESERVE) named.section = symbol.st_shndx - 1u;
  named.global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL;
  image_.named_symbols_.push_back(std::move(named));
}

Result<ElfImage> ElfImage::parse(std::vector<uint8_t> bytes, const std::string& where) {
  ElfImage image;
  image.bytes_ = std::move(bytes);
  ASSAY_CHECK(ElfReader(image, where).read());
  return image;
}

Result<ElfImage> ElfImage::read(const std::filesystem::path& path) {
  ASSAY_TRY(auto bytes, read_bytes(path));
  ASSAY_TRY(ElfImage image, parse(std::move(bytes), path.string()));
  image.path_ = path;
  return image;
}

std::optional<Symbol> ElfImage::symbol(const std::string& name) const {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? std::nullopt : std::optional(found->second);
}

uint64_t ElfImage::loadable_bytes() const {
  uint64_t sum = 0;
  for (const Segment& segment : segments_) sum += segment.bytes.size();
  return sum;
}

MemoryUse ElfImage::memory_use() const {
  MemoryUse use;
  for (const Section& section : sections_) {
    if (!section.allocated) continue;
    if (section.has_bytes) use.flash_bytes += section.size;
    if (section.writable) use.ram_bytes += section.size;
  }
  return use;
}

std::span<const uint8_t> ElfImage::bytes_at(uint64_t address, size_t count) const {
  for (const Segment& segment : segments_) {
    if (address < segment.address) continue;
    const uint64_t offset = address - segment.address;
    if (offset > segment.bytes.size() || count > segment.bytes.size() - offset) continue;
    return segment.bytes.subspan(offset, count);
  }
  return {};
}

std::optional<size_t> ElfImage::file_offset(uint64_t run_address, size_t count) const {
  for (const Segment& segment : segments_) {
    if (run_address < segment.run_address) continue;
    const uint64_t offset = run_address - segment.run_address;
    if (offset > segment.bytes.size() || count > segment.bytes.size() - offset) continue;
    return static_cast<size_t>(segment.bytes.data() - bytes_.data()) + static_cast<size_t>(offset);
  }
  return std::nullopt;
}

std::optional<BuildId> ElfImage::build_id(uint64_t fallback_address) const {
  std::span<const uint8_t> bytes = build_id_section_;
  if (bytes.empty() && fallback_address != 0) bytes = bytes_at(fallback_address, std::tuple_size_v<BuildId>);
  if (bytes.empty()) return std::nullopt;
  BuildId id;
  std::copy(bytes.begin(), bytes.end(), id.begin());
  const bool blank = std::all_of(id.begin(), id.end(), [](uint8_t b) { return b == 0; }) ||
                     std::all_of(id.begin(), id.end(), [](uint8_t b) { return b == 0xff; });
  return blank ? std::nullopt : std::optional(id);
}

std::string build_id_text(const BuildId& id) {
  std::string text;
  for (const uint8_t byte : id) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace assay::probe
