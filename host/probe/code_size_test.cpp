#include "probe/code_size.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

#include "base/files.h"
#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "catch.h"

using namespace assay;
using namespace assay::probe;
namespace fs = std::filesystem;

namespace {

const Deadline soon() { return Deadline::in(std::chrono::seconds(60)); }

std::string words_of(std::vector<std::string> argv) {
  auto output = run_process({.argv = std::move(argv)}, soon());
  REQUIRE(output);
  INFO(output->err);
  REQUIRE(output->status.code == 0);
  return output->out;
}

// A program of two kernels and a label in assembly, for the target.
fs::path build(const fs::path& folder, const std::string& name, const std::string& more) {
  REQUIRE(write_file(
      folder / (name + ".cpp"),
      "namespace assay::engine::reference {\n"
      "template <class T> __attribute__((noinline)) T scaled(T x) { return x * 3 + 1; }\n"
      "__attribute__((noinline)) int run_conv2d(int x) { return scaled(x) + scaled<short>(x); }\n"
      "__attribute__((noinline)) int run_softmax(int x) { return x / 7; }\n" +
          more +
          "}\n"
          "extern const unsigned char g_model[333]; const unsigned char g_model[333] = {1};\n"
          "int table[25] = {7}; char scratch[1000]; volatile int seen;\n"
          "asm(\".text\\n.thumb\\n.global bare_label\\nbare_label: nop\\nnop\\nnop\\n\");\n"
          "extern \"C\" void reset_handler() { using namespace assay::engine::reference;\n"
          "  seen = run_conv2d(table[0]) + run_softmax(scratch[3]) + g_model[seen]; for (;;) {} }\n"));
  REQUIRE(write_file(folder / "a.ld",
                     "ENTRY(reset_handler)\n"
                     "MEMORY { code : ORIGIN = 0, LENGTH = 1M\n ram : ORIGIN = 0x20000000, LENGTH = 1M }\n"
                     "SECTIONS { .vectors : { LONG(0x20010000) LONG(reset_handler) } > code\n"
                     ".text : { *(.text*) } > code\n .rodata : { *(.rodata*) } > code\n"
                     ".data : { *(.data*) } > ram AT > code\n .bss : { *(.bss*) *(COMMON) } > ram\n"
                     "/DISCARD/ : { *(.ARM.ex*) } }\n"));
  words_of({"arm-none-eabi-g++", "-mcpu=cortex-m4", "-mthumb", "-O1", "-nostdlib", "-fno-exceptions", "-T",
            (folder / "a.ld").string(), "-o", (folder / (name + ".elf")).string(),
            (folder / (name + ".cpp")).string()});
  return folder / (name + ".elf");
}

// text, data, bss as arm-none-eabi-size counts them.
void check_against_size(const fs::path& elf, const std::vector<CodePart>& parts) {
  std::istringstream lines(words_of({"arm-none-eabi-size", elf.string()}));
  std::string header;
  std::getline(lines, header);
  uint64_t text = 0, data = 0, bss = 0;
  lines >> text >> data >> bss;
  REQUIRE(text > 0);
  for (const SizeBy by : {SizeBy::kSymbol, SizeBy::kSection, SizeBy::kOperator, SizeBy::kFile}) {
    const MemoryBytes total = total_of(sizes_by(parts, by));
    CHECK(total.code + total.constants == text);
    CHECK(total.data == data);
    CHECK(total.zeroed == bss);
  }
  // And section by section.
  const auto sections = sizes_by(parts, SizeBy::kSection);
  std::istringstream listed(words_of({"arm-none-eabi-size", "-A", elf.string()}));
  std::map<std::string, uint64_t> expected;
  for (std::string line; std::getline(listed, line);) {
    std::istringstream fields(line);
    std::string name;
    uint64_t bytes = 0;
    if (fields >> name >> bytes) expected[name] = bytes;
  }
  CHECK(sections.size() >= 3);
  for (const SizeRow& row : sections) {
    INFO(row.name);
    CHECK(row.bytes.total() == expected[row.name]);
  }
}

// Every symbol that nm gives a size, and that no other one overlaps, has exactly that size here.
void check_against_nm(const fs::path& elf, const ElfImage& image, const std::vector<CodePart>& parts) {
  std::istringstream lines(words_of({"arm-none-eabi-nm", "--print-size", elf.string()}));
  std::map<uint64_t, uint64_t> spans;  // by address; aliases: the longest
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string address, size, kind, name;
    if (!(fields >> address >> size >> kind >> name)) continue;  // no size
    if (std::string("TtRrDdBbWVu").find(kind) == std::string::npos) continue;
    uint64_t& longest = spans[std::stoull(address, nullptr, 16)];
    longest = std::max<uint64_t>(longest, std::stoull(size, nullptr, 16));
  }
  REQUIRE(spans.size() > 5);
  uint64_t of_nm = 0, end = 0;
  for (const auto& [address, size] : spans) {
    const uint64_t from = std::max(address, end);
    if (address + size <= from) continue;
    of_nm += address + size - from;
    end = address + size;
  }
  uint64_t named = 0;
  for (const CodePart& part : parts) {
    if (!part.symbol.starts_with("(") && !part.estimated) named += part.bytes.total();
  }
  CHECK(named == of_nm);
  CHECK(image.named_symbols().size() > spans.size());
}

const SizeRow* find(const std::vector<SizeRow>& rows, const std::string& name) {
  for (const SizeRow& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

TEST_CASE("every byte of a program is in one part and has its name") {
  auto folder = ScratchFolder::make("assay-size-");
  REQUIRE(folder);
  const fs::path elf = build(folder->path(), "first", "");
  auto image = ElfImage::read(elf);
  REQUIRE(image);
  const auto parts = code_parts(*image);
  check_against_size(elf, parts);
  check_against_nm(elf, *image, parts);
  const auto symbols = sizes_by(parts, SizeBy::kSymbol);
  REQUIRE(find(symbols, "g_model"));
  CHECK(find(symbols, "g_model")->bytes.constants == 333);
  CHECK(find(symbols, "scratch")->bytes.zeroed == 1000);
  CHECK(find(symbols, "table")->bytes.data == 100);
  REQUIRE(find(symbols, "assay::engine::reference::scaled<>"));
  CHECK(find(symbols, "assay::engine::reference::scaled<>")->count == 2);  // of int and of short
  REQUIRE(find(symbols, "bare_label"));
  CHECK(find(symbols, "bare_label")->estimated);
  CHECK(find(symbols, "bare_label")->bytes.code == 6);
  REQUIRE(find(symbols, "(.vectors without a symbol)"));
  CHECK(find(symbols, "(.vectors without a symbol)")->bytes.total() == 8);
  const auto operators = sizes_by(parts, SizeBy::kOperator);
  CHECK(find(operators, "model data")->bytes.constants == 333);
  CHECK(find(operators, "CONV_2D/FULLY_CONNECTED")->bytes.code > 0);
  CHECK(find(operators, "SOFTMAX")->bytes.code ==
        find(symbols, "assay::engine::reference::run_softmax")->bytes.code);
}

TEST_CASE("the difference of two builds names what grew and adds up") {
  auto folder = ScratchFolder::make("assay-size-");
  REQUIRE(folder);
  const fs::path before = build(folder->path(), "before", "int gone_table[10] = {1, 2};\n");
  const fs::path now =
      build(folder->path(), "now", "int run_mean(int x) { int s = 0; while (x) s += x--; return s; }\n");
  auto old_image = ElfImage::read(before), new_image = ElfImage::read(now);
  REQUIRE(old_image);
  REQUIRE(new_image);
  const auto old_parts = code_parts(*old_image), new_parts = code_parts(*new_image);
  for (const SizeBy by : {SizeBy::kSymbol, SizeBy::kSection, SizeBy::kOperator, SizeBy::kFile}) {
    const auto a = sizes_by(old_parts, by), b = sizes_by(new_parts, by);
    int64_t sum = 0, last = INT64_MAX;
    for (const SizeChange& change : size_changes(a, b)) {
      sum += change.delta();
      CHECK(std::abs(change.delta()) <= last);
      last = std::abs(change.delta());
    }
    CHECK(sum == static_cast<int64_t>(total_of(b).total()) - static_cast<int64_t>(total_of(a).total()));
    CHECK(size_changes(a, a).empty());
  }
  std::map<std::string, std::string> words;
  for (const auto& change :
       size_changes(sizes_by(old_parts, SizeBy::kSymbol), sizes_by(new_parts, SizeBy::kSymbol)))
    words[change.name] = change.word;
  CHECK(words["assay::engine::reference::run_mean"] == "new");
  CHECK(words["assay::engine::reference::gone_table"] == "gone");
  CHECK(words.count("scratch") == 0);
}

TEST_CASE("the stock firmware adds up to what size and nm say of it") {
  for (const char* board : {"mps2-an385", "mps2-an386"}) {
    const fs::path elf =
        fs::path(ASSAY_SOURCE_DIR) / "build/firmware" / fmt::format("assay-agent-{}.elf", board);
    std::error_code error;
    if (!fs::exists(elf, error)) {
      WARN("skipped: " << elf.string() << " is not built");
      return;
    }
    auto image = ElfImage::read(elf);
    REQUIRE(image);
    const auto parts = code_parts(*image);
    check_against_size(elf, parts);
    check_against_nm(elf, *image, parts);
    const auto operators = sizes_by(parts, SizeBy::kOperator);
    for (const char* op : {"CONV_2D/FULLY_CONNECTED", "DEPTHWISE_CONV_2D", "SOFTMAX", "ADD", "MEAN",
                           "QUANTIZE", "AVERAGE_POOL_2D", "MAX_POOL_2D", "RESHAPE", "DEQUANTIZE"}) {
      INFO(op);
      REQUIRE(find(operators, op));
      CHECK(find(operators, op)->bytes.code > 0);
    }
  }
}
