#include "probe/debug_info.h"

#include <stdlib.h>

#include <cstring>
#include <random>

#include "base/files.h"
#include "base/subprocess.h"
#include "catch.h"

using namespace assay;
using namespace assay::probe;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kLink =
    "ENTRY(reset_handler)\n"
    "MEMORY { code : ORIGIN = 0, LENGTH = 1M\n ram : ORIGIN = 0x20000000, LENGTH = 1M }\n"
    "SECTIONS { .vectors : { LONG(0x20010000) LONG(reset_handler) . = 0x100; } > code\n"
    ".text : { *(.text*) } > code\n .rodata : { *(.rodata*) } > code\n .ARM.exidx : { *(.ARM.exidx*) } > "
    "code\n"
    ".data : { *(.data*) } > ram AT > code\n .bss : { *(.bss*) *(COMMON) } > ram }\n";

constexpr const char* kApp =
    "#include <stdint.h>\n"
    "typedef int8_t sample_t; struct net { int a; float b; };\n"
    "sample_t input[7][10]; float output[4]; volatile uint8_t flag; struct net state; char* words;\n"  // line
                                                                                                       // 3
    "const int16_t table[3] = {1, 2, 3};\n"
    "static int dead; static int64_t own = 5;\n"
    "static inline int tiny(int x) { return x + 1; }\n"
    "int never_used(int x) { return x; }\n"
    "__attribute__((noinline)) int invoke(const sample_t* in, float* out, struct net* net, int n) {\n"  // 8
    "  static uint16_t calls; calls++; net->a = calls; out[0] = (float)in[n] + table[n & 1];\n"
    "  return tiny(n); }\n"
    "extern void other(void);\n"
    "void reset_handler(void) { for (;;) { own += invoke(input[0], output, &state, flag); words = 0; "
    "other(); } }\n"
    "int unused_caller(int a, int b) { int s = dead; for (int i = a; i < b; ++i) { s += input[i % 7][1] * i; "
    "s ^= s / 7; s += output[i % 3] > 2; s += input[i % 5][3] / (i + 1); s ^= input[s & 3][i & 3] % 9; s *= "
    "input[s % 7][9] + i % 13; s ^= input[2][s & 7] / (a | 1); s += output[s & 3] * 3; s -= flag / b; } "
    "return s; }\n";
constexpr const char* kOther =
    "static float own[2]; static volatile int input_size; void other(void) { own[1] += input_size; }\n";
constexpr const char* kCpp =
    "namespace app { struct Model { static int runs; int invoke(int n); }; int Model::runs;\n"
    "__attribute__((noinline)) int Model::invoke(int n) { return runs += n; }\n"
    "namespace { unsigned char frame[12]; }\n"
    "__attribute__((noinline)) int score(int n) { return n + frame[n]; } __attribute__((noinline)) int "
    "score(float f) { return (int)f + frame[0]; }\n"
    "template <class T> __attribute__((noinline)) T twice(T x) { return x + x; } }\n"
    "app::Model model; extern \"C\" void reset_handler() { for (;;) { model.invoke(app::score(2) + "
    "app::score(2.f) + "
    "app::twice(3)); app::frame[1]++; } }\n";

struct Sources {
  std::vector<std::pair<const char*, const char*>> files;
  std::vector<std::string> flags = {"-g", "-O1"};
};

std::vector<uint8_t> build(const Sources& sources) {
  char name[] = "/tmp/assay-dwarf-XXXXXX";
  const std::filesystem::path folder = mkdtemp(name);
  REQUIRE(write_file(folder / "a.ld", kLink));
  std::vector<std::string> argv = {"arm-none-eabi-gcc",
                                   "-mcpu=cortex-m4",
                                   "-mthumb",
                                   "-mfloat-abi=hard",
                                   "-mfpu=fpv4-sp-d16",
                                   "-nostdlib",
                                   "-ffunction-sections",
                                   "-fdata-sections",
                                   "-Wl,--gc-sections",
                                   "-fno-exceptions",
                                   "-T",
                                   "a.ld",
                                   "-o",
                                   "a.elf"};
  argv.insert(argv.end(), sources.flags.begin(), sources.flags.end());
  for (const auto& [file, text] : sources.files) {
    REQUIRE(write_file(folder / file, text));
    argv.push_back(file);
  }
  auto built = run_process({.argv = argv, .directory = folder}, Deadline::in(std::chrono::seconds(60)));
  REQUIRE(built);
  INFO(built->err);
  REQUIRE(built->status.code == 0);
  auto bytes = read_bytes(folder / "a.elf");
  REQUIRE(bytes);
  std::filesystem::remove_all(folder);
  return *bytes;
}

const std::vector<uint8_t>& app() {
  static const std::vector<uint8_t> bytes = build({{{"app.c", kApp}, {"other.c", kOther}}});
  return bytes;
}

DebugInfo info_of(std::vector<uint8_t> bytes) {
  auto info = DebugInfo::parse(std::move(bytes), "a.elf");
  if (!info) FAIL(info.error().text());
  return *info;
}

template <class T>
T must(Result<T> found) {
  if (!found) FAIL(found.error().code + ": " + found.error().text());
  return *found;
}

}  // namespace

TEST_CASE("variables have the address, size, type and dimensions that the source gave them") {
  const DebugInfo info = info_of(app());
  REQUIRE(info.has_dwarf());
  const Variable input = must(info.find_variable("input"));
  CHECK(input.bytes == 70);
  CHECK(input.type == "int8");
  CHECK(input.dims == std::vector<int64_t>{7, 10});
  CHECK_FALSE(input.read_only);
  CHECK(input.source == "app.c:3");
  CHECK(input.address >= 0x20000000);
  CHECK(must(info.find_variable("output")).type == "float32");
  CHECK(must(info.find_variable("output")).bytes == 16);
  CHECK(must(info.find_variable("flag")).type == "uint8");
  CHECK(must(info.find_variable("flag")).dims.empty());
  CHECK(must(info.find_variable("state")).type.empty());
  CHECK(must(info.find_variable("state")).bytes == 8);
  CHECK(must(info.find_variable("table")).read_only);
  CHECK(must(info.find_variable("invoke::calls")).bytes == 2);
  CHECK(must(info.find_variable("calls")).name == "invoke::calls");
}

TEST_CASE("functions have their signature, code size and line") {
  const DebugInfo info = info_of(app());
  const Function invoke = must(info.find_function("invoke"));
  CHECK(invoke.parameters == std::vector<std::string>{"const int8*", "float32*", "struct net*", "int32"});
  CHECK(invoke.returns == "int32");
  CHECK(invoke.source == "app.c:8");
  CHECK(invoke.address % 2 == 0);
  CHECK(invoke.bytes > 20);
  CHECK(must(info.find_function("reset_handler")).returns == "void");
  const Place inside = info.where(invoke.address + invoke.bytes - 2);
  CHECK(inside.function == "invoke");
  CHECK_THAT(inside.source, Contains("app.c:10") || Contains("app.c:9"));
  CHECK(info.where(invoke.address).text == "invoke (app.c:8)");
  CHECK(info.where(0x2).text == "0x00000002");  // where lines of removed code would lie
  CHECK(info.where(0xFFFFFFFF).text == "0xffffffff");
}

TEST_CASE("a name that is not in the program is told from one of which nothing is left") {
  const DebugInfo info = info_of(app());
  const auto message = [](const auto& found) {
    return found ? "found" : found.error().code + ": " + found.error().message;
  };
  CHECK(message(info.find_variable("inputs")) ==
        "probe.no_symbol: the program has no variable 'inputs'; did you mean 'input'?");
  CHECK(message(info.find_function("input")) == "probe.no_symbol: 'input' is a variable, not a function");
  CHECK(message(info.find_variable("invoke")) == "probe.no_symbol: 'invoke' is a function, not a variable");
  CHECK_THAT(message(info.find_function("tiny")), Contains("probe.symbol_gone: ") && Contains("inlined it"));
  CHECK_THAT(message(info.find_function("never_used")),
             Contains("probe.symbol_gone: ") && Contains("the linker removed it"));
  CHECK_THAT(message(info.find_variable("dead")), Contains("probe.symbol_gone: "));
  CHECK_THAT(message(info.find_variable("own")),
             Contains("probe.symbol_ambiguous: 2 variables are named 'own'") && Contains("(app.c:5)") &&
                 Contains("(other.c:1)"));
  CHECK(must(info.find_variable("other.c:own")).bytes == 8);
  CHECK(must(info.find_variable("app.c:own")).type == "int64");
  CHECK(message(info.find_variable("third.c:own")) != "found");
  CHECK(message(info.find_variable("")) == "probe.no_symbol: the program has no variable ''");
}

TEST_CASE("C++ names are found with and without namespaces, with parameters, and mangled") {
  const DebugInfo info = info_of(build({{{"app.cpp", kCpp}}}));
  CHECK(must(info.find_function("app::Model::invoke")).source == "app.cpp:2");
  CHECK(must(info.find_function("invoke")).name == "app::Model::invoke");
  CHECK(must(info.find_function("_ZN3app5Model6invokeEi")).name == "app::Model::invoke");
  CHECK(must(info.find_function("app::score(float)")).parameters == std::vector<std::string>{"float32"});
  CHECK(info.find_function("score").error().code == "probe.symbol_ambiguous");
  CHECK(must(info.find_variable("app::Model::runs")).type == "int32");
  CHECK(must(info.find_variable("frame")).dims == std::vector<int64_t>{12});
}

TEST_CASE("without debug information names, addresses and sizes remain") {
  const DebugInfo full = info_of(app());
  const DebugInfo bare = info_of(build({{{"app.c", kApp}, {"other.c", kOther}}, {"-O1"}}));
  CHECK_FALSE(bare.has_dwarf());
  CHECK(must(bare.find_variable("input")).address == must(full.find_variable("input")).address);
  CHECK(must(bare.find_variable("input")).bytes == 70);
  CHECK(must(bare.find_variable("input")).type.empty());
  CHECK(must(bare.find_variable("table")).read_only);
  CHECK(must(bare.find_function("invoke")).bytes == must(full.find_function("invoke")).bytes);
  CHECK(must(bare.find_function("invoke")).returns.empty());
  CHECK(must(bare.find_variable("other.c:own")).bytes == 8);
  CHECK(bare.where(must(bare.find_function("invoke")).address + 2).text == "invoke");
}

TEST_CASE("what the linker lays over DWARF 4 and link-time optimisation reads alike") {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"-gdwarf-4", "-O2"}, {"-g", "-O2", "-flto"}, {"-gdwarf-5", "-gz", "-Os"}}) {
    INFO(flags[1] + flags[0]);
    const DebugInfo info = info_of(build({{{"app.c", kApp}, {"other.c", kOther}}, flags}));
    CHECK(must(info.find_variable("input")).dims == std::vector<int64_t>{7, 10});
    CHECK(must(info.find_variable("output")).type == "float32");
    const auto invoke = info.find_function("invoke");  // link-time optimisation may have specialised it
    if (invoke) CHECK(invoke->parameters.size() == 4);
    if (!invoke) CHECK(invoke.error().code == "probe.symbol_gone");
  }
}

TEST_CASE("a program that is cut or mangled is refused or read in part, never a crash") {
  const auto& whole = app();
  std::mt19937 random(7);
  size_t parsed = 0;
  const auto look = [&](std::vector<uint8_t> bytes) {
    auto info = DebugInfo::parse(std::move(bytes), "a.elf");
    if (!info) {
      CHECK(info.error().code == "probe.bad_elf");
      return;
    }
    ++parsed;
    (void)info->find_variable("input");
    (void)info->find_function("invoke");
    for (uint32_t at = 0; at < 0x400; at += 2) (void)info->where(at);
  };
  for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 150)
    look({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
  for (int round = 0; round < 300; ++round) {
    auto bytes = whole;
    const size_t hits = 1 + random() % 12;
    for (size_t i = 0; i < hits; ++i)
      bytes[52 + random() % (bytes.size() - 52)] = static_cast<uint8_t>(random());
    look(std::move(bytes));
  }
  CHECK(parsed > 50);
}
