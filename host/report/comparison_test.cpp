#include "report/comparison.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.h"
#include "catch.h"
#include "report/format.h"

using namespace assay::report;
using namespace assay::results;

namespace {

Figure figure(double value, const char* unit, const char* kind = "emulated") {
  return {.value = value, .unit = unit, .kind = kind};
}

// Another firmware: slower, one flip, one operator with another kernel.
Comparison sample() {
  Comparison c{.word = word::kWorse, .sentence = "Worse: accuracy.top1, latency.median, class No."};
  c.before = {"51bd02a", "run", "pass", {.profile = "kws", .board = "mps2-an386"}};
  c.now = {"9c1e77b", "run", "fail", {.profile = "kws", .board = "mps2-an386"}};
  c.subject = {{"firmware", "37741d65031ee5fa6e1dad263a505d7f", "9c1e77aa031ee5fa6e1dad263a505d7f",
                "compare.other_firmware"},
               {"toolchain", "gcc 12.2.1", "gcc 13.1.0", "compare.other_toolchain"}};
  c.comparability = {{"compare.other_toolchain", "note", "The toolchains differ."},
                     {"compare.absent", "note", "One side does not have the figure."}};
  const std::vector<std::string> toolchain{"compare.other_toolchain"};
  c.figures = {{"accuracy.top1",
                Area::kAccuracy,
                true,
                figure(0.903, "1"),
                figure(0.902, "1"),
                word::kWorse,
                -0.001,
                {},
                ""},
               {"latency.median", Area::kLatency, true, figure(479707, "instructions"),
                figure(491220, "instructions"), word::kWorse, 11513, toolchain, ""},
               {"latency.p95", Area::kLatency, true, figure(480489, "instructions"),
                figure(480490, "instructions"), word::kWorse, 1, toolchain, ""},
               {"flash.total", Area::kFlash, true, figure(26836, "B", "measured"),
                figure(26800, "B", "measured"), word::kBetter, -36, toolchain, ""},
               {"memory.stack",
                Area::kMemory,
                true,
                figure(840, "B", "measured"),
                {},
                word::kNoEvidence,
                {},
                {"compare.absent", "compare.other_toolchain"},
                ""}};
  c.classes = {{"Yes", 84, 80, 80, 0, 0, word::kIdentical, {}}, {"No", 84, 81, 80, 2, 1, word::kWorse, {}}};
  PairedSamples paired{
      .n = 1000,
      .broken = 2,
      .fixed = 1,
      .labelled = true,
      .agreement = 0.997,
      .mcnemar_p = 1,
      .sentence = "Not inferior by more than 2 pp: the difference is -0.1 pp, at least -0.4 pp (n 1000)."};
  paired.changed = {{"no_17", 1, 1, 0, "broken"}, {"no_20", 1, 1, 0, "broken"}, {"no_4", 1, 0, 1, "fixed"}};
  c.paired = paired;
  c.outputs_equal = false;
  c.clock = "instructions (emulated)";
  c.operators = {{0, 0, "CONV_2D", "1x25x5x64", "dsp", "reference", 100000, 111000, 11000, word::kWorse},
                 {1, 1, "SOFTMAX", "1x12", "reference", "reference", 900, 900, 0, word::kIdentical},
                 {-1, 2, "PAD", "1x12", "", "reference", {}, 50, {}, "only now"}};
  return c;
}

void check_golden(const std::string& text, const std::string& name) {
  const std::string path = ASSAY_SOURCE_DIR "/host/report/" + name;
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) REQUIRE(assay::write_file(path, text));
  const auto golden = assay::read_text(path);
  REQUIRE(golden);
  CHECK(text == *golden);
}

}  // namespace

TEST_CASE("A comparison as text and Markdown equals its golden files") {
  check_golden(comparison_text(sample(), {}), "comparison.golden.txt");
  check_golden(comparison_markdown(sample()), "comparison.golden.md");
}

TEST_CASE("The text has 80 columns, whatever things are called") {
  Comparison c = sample();
  c.classes[1].name = std::string(70, 'n');
  c.operators[0].kernel_now = "dsp/depthwise_3x3_stride_2";
  for (const bool unicode : {false, true}) {
    std::istringstream lines(comparison_text(c, {.unicode = unicode, .width = 80}));
    for (std::string line; std::getline(lines, line);) {
      const auto columns = std::count_if(
          line.begin(), line.end(), [](char b) { return (static_cast<unsigned char>(b) & 0xc0) != 0x80; });
      CAPTURE(line);
      CHECK(columns <= 80);
    }
  }
}

TEST_CASE("JSON holds every row, and no delta where nothing is comparable") {
  Comparison c = sample();
  c.figures[1].word = word::kNotComparable, c.figures[1].delta.reset();
  const auto json = nlohmann::json::parse(comparison_json(c));
  CHECK(json["schema"] == "assay.comparison");
  CHECK(json["figures"].size() == 5);
  CHECK_FALSE(json["figures"][1].contains("delta"));
  CHECK(json["figures"][4]["codes"].size() == 2);
  CHECK_FALSE(json["figures"][4].contains("now"));
  CHECK(json["paired"]["changed"][0]["id"] == "no_17");
  CHECK(json["operators"].size() == 3);
}

TEST_CASE("Changes are printed in the figure's own terms") {
  CHECK(ascii(change_text(0.9, -0.001, "1")) == "-0.10 pp");
  CHECK(ascii(change_text(1000, 24, "instructions")) == "+2.4 %");
  CHECK(ascii(change_text(1e6, 1, "instructions")) == "+1");
  CHECK(ascii(change_text(26836, -36, "B")) == "-36 B");
  CHECK(change_text(5, 0, "B") == "0");
  CHECK(ascii(change_text(0, 3, "bits")) == "+3 bits");
}
