// An application that knows nothing of Assay, called through the unmodified OpenOCD on a virtual board:
// outputs, counts and stack; what ends a call badly; and that the application goes on in the end as if
// nothing had been.
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "base/interrupt.h"
#include "base/subprocess.h"
#include "probe/app/net.h"
#include "probe/flash.h"
#include "probe/function_caller.h"
#include "probe/virtual_board.h"

using namespace assay;
using namespace assay::probe;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// Built once for all tests of the process.
struct BuiltApp {
  BuiltApp() {
    char name[] = "/tmp/assay-app-XXXXXX";
    folder = mkdtemp(name);
    const std::filesystem::path source = std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/probe/app";
    auto built = run_process(
        {.argv = {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O2", "-g", "-nostartfiles", "-T",
                  (source / "app.ld").string(), "-o", elf().string(), (source / "app.c").string()}},
        Deadline::in(60s));
    REQUIRE(built);
    INFO(built->err);
    REQUIRE(built->status.code == 0);
  }
  ~BuiltApp() { std::filesystem::remove_all(folder); }
  std::filesystem::path elf() const { return folder / "app.elf"; }
  std::filesystem::path folder;
};

std::filesystem::path build_app() {
  static const BuiltApp app;
  return app.elf();
}

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().code + ": " + result.error().text());
  return std::move(*result);
}
void must(Status status) {
  if (!status) FAIL(status.error().code + ": " + status.error().text());
}

// The application on a board, and a caller of one of its functions.
struct Bench : VirtualBoard {
  explicit Bench(const std::string& call = "model_invoke", const std::string& ready = "")
      : image(must(ElfImage::read(build_app()))), info(must(DebugInfo::read(build_app()))), probe(open()) {
    (void)must(flash_firmware(*probe, board, image));
    plan.call = must(info.find_function(call));
    if (!ready.empty()) plan.ready = must(info.find_function(ready));
    plan.inputs = {must(find_buffer(info, "features", BufferUse::kInput))};
    plan.outputs = {must(find_buffer(info, "scores", BufferUse::kOutput))};
  }
  FunctionCaller& caller() {
    if (!opened) opened = must(FunctionCaller::open(*probe, board, image, info, plan));
    return *opened;
  }
  Result<CallResult> call(const std::vector<int8_t>& input) {
    return caller().call({{reinterpret_cast<const uint8_t*>(input.data()), input.size()}});
  }
  uint32_t word(const std::string& variable) {
    return word_at(*probe, must(info.find_variable(variable)).address);
  }
  // The application turns, and finds everything as it left it.
  void check_undisturbed() {
    const uint32_t beats = word("beats"), interrupts = word("interrupts");
    for (int i = 0; i < 100 && (word("beats") == beats || word("interrupts") == interrupts); ++i)
      usleep(10'000);
    CHECK(word("beats") != beats);
    CHECK(word("interrupts") != interrupts);
    CHECK(word("errors") == 0);
  }
  ElfImage image;
  DebugInfo info;
  std::unique_ptr<Probe> probe;
  CallPlan plan;
  std::unique_ptr<FunctionCaller> opened;
};

std::vector<int8_t> input_of(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int8_t> input(kNetInputs);
  for (int8_t& value : input) value = static_cast<int8_t>(static_cast<int>(random() % 180) - 90);
  return input;
}

std::vector<uint8_t> expected(const std::vector<int8_t>& input) {
  std::vector<uint8_t> out(kNetOutputs);
  net_run(input.data(), reinterpret_cast<int8_t*>(out.data()));
  return out;
}

}  // namespace

TEST_CASE("an application's function gets inputs, gives outputs and counts, and the application goes on") {
  Bench b;
  CHECK(b.caller().facts().own_call);
  CHECK(b.caller().facts().overhead == 0);
  std::map<std::vector<int8_t>, int64_t> counts;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t seed = 0; seed < 20; ++seed) {
      const auto input = input_of(seed);
      const CallResult result = must(b.call(input));
      CHECK(result.outputs.at(0) == expected(input));
      const int64_t instructions = (*result.ticks * 5 + 16) / 32;
      const auto [known, fresh] = counts.try_emplace(input, instructions);
      CHECK(known->second == instructions);
    }
  }
  const auto use = must(b.caller().stack_use());
  REQUIRE(use);
  CHECK(use->bytes >= 16);
  CHECK(use->bytes < 300);
  CHECK_FALSE(use->full);
  const uint32_t boots = b.word("boots");
  must(b.caller().restore());
  b.check_undisturbed();
  CHECK(b.word("boots") == boots);  // it went on; it did not begin anew
}

TEST_CASE("a call that never returns, faults or resets is named, and the application goes on") {
  struct Bug {
    int8_t input;
    const char* code;
    const char* words;
  };
  for (const Bug& bug :
       {Bug{99, "probe.call_timeout", "'model_invoke' did not return within 0.5 s; it was in model_invoke"},
        Bug{98, "probe.call_fault", "'model_invoke' ended in a fault: HardFault in "}}) {
    INFO(bug.code);
    Bench b;
    b.plan.call_limit = 500ms;
    (void)must(b.call(input_of(1)));
    auto input = input_of(2);
    input[0] = bug.input;
    const auto result = b.call(input);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == bug.code);
    CHECK_THAT(result.error().message, Contains(bug.words) && Contains("app.c:"));
    const uint32_t boots = b.word("boots");
    must(b.caller().restore());
    b.check_undisturbed();
    CHECK(b.word("boots") == boots);
  }
  Bench b;
  auto input = input_of(2);
  input[0] = 97;
  const auto result = b.call(input);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "probe.call_reset");
  must(b.caller().restore());
  b.check_undisturbed();
}

TEST_CASE("buffers go to pointers, the application's own arguments stay, and what it returns is told") {
  {
    Bench b("model_infer");
    CHECK(b.caller().facts().own_call);
    CHECK(b.caller().facts().arguments == "parameter 1 = features, parameter 2 = scores");
    const auto input = input_of(3);
    const CallResult result = must(b.call(input));
    CHECK(result.outputs.at(0) == expected(input));
    const auto first = static_cast<int8_t>(expected(input)[0]),
               second = static_cast<int8_t>(expected(input)[1]);
    CHECK(static_cast<int32_t>(result.returned) == (first > second ? 7 : -7));
    must(b.caller().restore());
    b.check_undisturbed();
  }
  Bench b("model_handle");
  b.plan.inputs = {must(find_buffer(b.info, "others", BufferUse::kInput))};
  CHECK(b.caller().facts().arguments ==
        "parameter 2 = others, parameter 3 = scores, the others as the application passed them");
  const auto input = input_of(4);
  const CallResult result = must(b.call(input));
  CHECK(result.outputs.at(0) == expected(input));
  CHECK(result.returned == 6);
}

TEST_CASE("where a program does not call the function itself it is called from main, or refused") {
  {
    Bench b("model_never");
    b.plan.ready_limit = 300ms;
    CHECK_FALSE(b.caller().facts().own_call);
    CHECK(b.caller().facts().ready == "main");
    const auto input = input_of(5);
    CHECK(must(b.call(input)).outputs.at(0) == expected(input));
    must(b.caller().restore());
    b.check_undisturbed();
  }
  {
    Bench b("model_invoke", "model_never");
    b.plan.ready_limit = 300ms;
    const auto caller = FunctionCaller::open(*b.probe, b.board, b.image, b.info, b.plan);
    REQUIRE_FALSE(caller);
    CHECK(caller.error().code == "probe.not_ready");
    CHECK_THAT(caller.error().message,
               Contains("within 0.3 s the program did not reach 'model_never'; it was in "));
    b.check_undisturbed();
  }
  Bench b("model_handle", "model_deep");
  const auto caller = FunctionCaller::open(*b.probe, b.board, b.image, b.info, b.plan);
  REQUIRE_FALSE(caller);
  CHECK(caller.error().code == "probe.bad_signature");
  b.check_undisturbed();
}

TEST_CASE("the stack of a call is that of the function, and paint is taken away again") {
  Bench shallow, deep("model_deep");
  const auto input = input_of(6);
  (void)must(shallow.call(input));
  (void)must(deep.call(input));
  const auto less = must(shallow.caller().stack_use()), more = must(deep.caller().stack_use());
  REQUIRE(less);
  REQUIRE(more);
  CHECK(more->bytes >= 2000);
  CHECK(more->bytes < 2100);
  CHECK(less->bytes < 200);
  CHECK_THAT(deep.caller().facts().stack, Contains("bytes down to the end of .noinit"));
  must(deep.caller().restore());
  deep.check_undisturbed();
  const auto end = must(deep.info.find_variable("boots")).address + 4;
  const auto below = must(deep.probe->read((end + 3) & ~3u, 4096));
  CHECK(std::count(below.begin(), below.end(), 0xA5) < 100);
}

TEST_CASE("buffers that are none are refused with both figures") {
  const DebugInfo info = must(DebugInfo::read(build_app()));
  const auto message = [&](const std::string& asked, BufferUse use) {
    const auto found = find_buffer(info, asked, use);
    return found ? "found" : found.error().code + ": " + found.error().message;
  };
  CHECK(must(find_buffer(info, "features[4:8]", BufferUse::kInput)).address ==
        must(info.find_variable("features")).address + 4);
  CHECK(must(find_buffer(info, "features[0x4:8]", BufferUse::kInput)).bytes == 8);
  CHECK(message("features[20:8]", BufferUse::kInput) ==
        "probe.bad_place: bytes 20 to 27 lie outside of 'features', which has 24");
  CHECK(message("features[4294967295:4294967295]", BufferUse::kInput).starts_with("probe.bad_place: "));
  for (const char* asked : {"features[]", "features[1]", "features[:3]", "features[1:]", "features[1:0]",
                            "[1:2]", "features[-1:3]", "features[1:99999999999]"}) {
    CHECK_THAT(message(asked, BufferUse::kOutput), Contains("is not of the form NAME[OFFSET:BYTES]"));
  }
  CHECK(message("fixed", BufferUse::kInput) ==
        "probe.bad_place: 'fixed' is constant: an input must be written to");
  CHECK(message("feature", BufferUse::kInput) ==
        "probe.no_symbol: the program has no variable 'feature'; did you mean 'features'?");
}

// The last one: a signal stays noted for the rest of the process.
TEST_CASE("Ctrl-C in the middle of a call ends it, and the application is put back before the process ends") {
  install_interrupt_handlers();
  Bench b;
  (void)must(b.call(input_of(1)));
  auto endless = input_of(2);
  endless[0] = 99;
  b.plan.call_limit = 60s;
  raise(SIGINT);
  const auto result = b.call(endless);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "base.interrupted");
  must(b.caller().restore());
  b.check_undisturbed();
}
