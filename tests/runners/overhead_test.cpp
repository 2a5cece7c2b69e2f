// What an adapter costs on the emulated Cortex-M4, in instructions, exact: inference through it, with the
// operator hooks off and on, against a bare call, in the order A B B A.
#include <algorithm>
#include <cstring>
#include <iostream>

#include "catch.h"
#include "runners/engine_firmware.h"

using namespace assay;
using namespace assay::runners_test;

namespace {

// Models of the image, tests/runners/overhead_models.cpp.
enum : uint32_t { kNothing, kDigits, kDigitsBare, kForest, kForestBare };
// Of the model that does nothing: its own call and return, which an engine's cost must not be relieved of.
constexpr int64_t kEmptyCall = 4;

struct Measured {
  int64_t bare, off, on;
};

int64_t run(link::Session& session, uint32_t model, const std::vector<uint8_t>& input, bool ops,
            std::vector<uint8_t>* output = nullptr) {
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session.infer(model, inputs, {.ops = ops});
  if (!inference) FAIL(inference.error().text());
  if (output) *output = inference->outputs.at(0);
  return static_cast<int64_t>(instructions(session.board(), inference->run.ticks));
}

int64_t run_bare(link::Session& session, uint32_t model, const std::vector<uint8_t>& input) {
  std::vector<uint8_t> output;
  run(session, model, input, false, &output);
  int32_t ticks[2];
  REQUIRE(output.size() == sizeof ticks);
  std::memcpy(ticks, output.data(), sizeof ticks);
  return static_cast<int64_t>(instructions(session.board(), static_cast<uint64_t>(ticks[0]))) -
         static_cast<int64_t>(instructions(session.board(), static_cast<uint64_t>(ticks[1])));
}

Measured measure(link::Session& session, uint32_t adapter, uint32_t bare, const std::vector<uint8_t>& input) {
  const int64_t agent = run(session, kNothing, {0}, false) - kEmptyCall;
  const int64_t a = run_bare(session, bare, input);
  const int64_t b = run(session, adapter, input, false) - agent;
  const int64_t on = run(session, adapter, input, true) - agent;
  CHECK(run(session, adapter, input, true) - agent == on);
  CHECK(run(session, adapter, input, false) - agent == b);
  CHECK(run_bare(session, bare, input) == a);
  return {a, b, on};
}

void report(const char* what, const Measured& m, int operators) {
  std::cout << what << ": bare " << m.bare << " instructions, through the adapter " << m.off - m.bare
            << " more with hooks off, " << m.on - m.bare << " more with hooks on, " << operators
            << " operators\n";
}

}  // namespace

TEST_CASE("an inference through an adapter costs at most 20 instructions an operator or a thousandth") {
  EngineFirmware firmware;
  if (!start_firmware(firmware, "overhead", "mps2-an386")) return;
  link::Session& session = *firmware.session;
  const auto row = generated_rows(1, 64, 17)[0];
  const auto check = [](const Measured& m, int operators) {
    const int64_t most = std::max<int64_t>(m.bare / 1000, 20 * std::max(operators, 1));
    CHECK(m.bare > 1000);
    CHECK(m.off >= m.bare);
    CHECK(m.off - m.bare <= most);
    CHECK(m.on >= m.off);
    // Reading the counter twice and adding the record up is the agent's cost, not the adapter's, and falls on
    // an inference whose total time is not used.
    CHECK(m.on - m.off <= 80 * operators);
    return most;
  };
  const Measured digits = measure(session, kDigits, kDigitsBare, row);
  report("digits_mlp", digits, 3);
  check(digits, 3);
  if (session.board().model_count < 5) {
    WARN("the forest is not measured: emlearn is not installed");
    return;
  }
  const Measured forest = measure(session, kForest, kForestBare, as_int16(row, 2));
  report("digits_forest", forest, 0);
  const int64_t most = check(forest, 0);
  CHECK(forest.on - forest.bare <= most);
}
