#include "probe/elf_image.h"

#include <stdlib.h>

#include <cstring>
#include <random>

#include "base/files.h"
#include "base/subprocess.h"
#include "catch.h"

using namespace assay;
using namespace assay::probe;

namespace {

// A Cortex-M program of a few lines, built by the cross compiler once for all tests.
const std::vector<uint8_t>& firmware() {
  static const std::vector<uint8_t> bytes = [] {
    char name[] = "/tmp/assay-elf-XXXXXX";
    const std::filesystem::path folder = mkdtemp(name);
    REQUIRE(write_file(folder / "a.c",
                       "const unsigned char id[16] __attribute__((section(\".assay_build_id\"), used)) = "
                       "{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16};\n"
                       "int model_input[25] = {7}; char scratch[1000];\n"
                       "__attribute__((noinline)) int invoke(void) { return model_input[0] + scratch[3]; }\n"
                       "void reset_handler(void) { for (;;) invoke(); }\n"));
    REQUIRE(write_file(
        folder / "a.ld",
        "ENTRY(reset_handler)\n"
        "MEMORY { code : ORIGIN = 0, LENGTH = 1M\n ram : ORIGIN = 0x20000000, LENGTH = 1M }\n"
        "SECTIONS { .vectors : { LONG(0x20010000) LONG(reset_handler) . = 0x100; } > code\n"
        ".assay_build_id : { KEEP(*(.assay_build_id)) } > code\n .text : { *(.text*) *(.rodata*) } > code\n"
        ".data : { *(.data*) } > ram AT > code\n .bss : { *(.bss*) *(COMMON) } > ram }\n"));
    auto built = run_process(
        {.argv = {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O1", "-nostdlib", "-g", "-T",
                  (folder / "a.ld").string(), "-o", (folder / "a.elf").string(), (folder / "a.c").string()}},
        Deadline::in(std::chrono::seconds(60)));
    REQUIRE(built);
    INFO(built->err);
    REQUIRE(built->status.code == 0);
    auto read = read_bytes(folder / "a.elf");
    REQUIRE(read);
    std::filesystem::remove_all(folder);
    return *read;
  }();
  return bytes;
}

// Looks at everything that parse() hands out, so that the sanitizer sees a span that leaves the file.
uint64_t touch_all(const ElfImage& image) {
  uint64_t sum = image.loadable_bytes() + image.memory_use().flash_bytes;
  for (const Segment& segment : image.segments()) {
    for (const uint8_t byte : segment.bytes) sum += byte;
  }
  for (const Section& section : image.sections()) sum += section.name.size();
  if (auto id = image.build_id(0x100)) sum += (*id)[0];
  if (auto symbol = image.symbol("invoke")) sum += symbol->address;
  return sum;
}

}  // namespace

TEST_CASE("segments, symbols, sizes and build id of a linked program") {
  auto image = ElfImage::parse(firmware(), "a.elf");
  REQUIRE(image);
  REQUIRE(image->segments().size() >= 2);
  CHECK(image->segments()[0].address == 0);
  bool data_found = false;
  for (const Segment& segment : image->segments()) {
    if (segment.run_address != 0x20000000) continue;
    data_found = true;
    CHECK(segment.address < 0x1000);  // loaded after the code, copied by the start-up
    CHECK(segment.bytes.size() == 100);
    CHECK(segment.bytes[0] == 7);
  }
  CHECK(data_found);
  const auto invoke = image->symbol("invoke");
  REQUIRE(invoke);
  CHECK(invoke->address % 2 == 1);  // Thumb
  CHECK(image->symbol("scratch")->size == 1000);
  CHECK_FALSE(image->symbol("absent"));
  const BuildId expected = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  CHECK(image->build_id(0) == expected);
  CHECK(build_id_text(expected) == "0102030405060708090a0b0c0d0e0f10");
  CHECK(image->bytes_at(0x100, 16)[15] == 16);
  CHECK(image->bytes_at(0x10000000, 1).empty());
  const MemoryUse use = image->memory_use();
  CHECK(use.ram_bytes == 1100);
  CHECK(use.flash_bytes > 0x110 + 100);
}

TEST_CASE("what is no program is refused with the reason") {
  auto code_of = [](std::vector<uint8_t> bytes) {
    auto image = ElfImage::parse(std::move(bytes), "x");
    return image ? std::string("accepted") : image.error().code;
  };
  CHECK(code_of({}) == "probe.bad_elf");
  CHECK(code_of({0x7f, 'E', 'L', 'F'}) == "probe.bad_elf");
  CHECK(code_of(std::vector<uint8_t>(5000, 0)) == "probe.bad_elf");
  auto object = firmware();
  object[16] = 1;  // e_type = ET_REL
  auto refused = ElfImage::parse(object, "x.o");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("link the object files") != std::string::npos);
  CHECK(ElfImage::read("/nonexistent.elf").error().code == "base.file");
}

TEST_CASE("every truncation of a program is refused or read within its bytes") {
  const auto& whole = firmware();
  for (size_t size = 0; size < whole.size(); size += size < 256 ? 1 : 97) {
    auto image =
        ElfImage::parse(std::vector<uint8_t>(whole.begin(), whole.begin() + static_cast<long>(size)), "t");
    if (image) {
      CHECK(touch_all(*image) > 0);
    } else {
      CHECK(image.error().code == "probe.bad_elf");
    }
  }
}

TEST_CASE("no mutation of a program crashes the reader") {
  const auto& whole = firmware();
  std::mt19937 random(1);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 4000; ++round) {
    auto bytes = whole;
    // Most bytes that matter are in the ELF header, the program headers behind it and the section headers at
    // the end.
    const size_t ends[] = {52 + 32 * 4, bytes.size(), 600};
    for (int i = 0; i < 1 + round % 6; ++i) {
      const size_t at = i % 3 == 2 ? bytes.size() - 1 - random() % ends[2] : random() % ends[i % 3];
      const uint8_t choices[] = {0, 0xff, 0x80, static_cast<uint8_t>(random())};
      bytes[at] = choices[random() % 4];
    }
    auto image = ElfImage::parse(std::move(bytes), "m");
    if (image) {
      touch_all(*image);
      ++accepted;
    } else {
      CHECK(image.error().code == "probe.bad_elf");
      ++refused;
    }
  }
  CHECK(accepted > 100);
  CHECK(refused > 100);
}
