// Alternatives side by side: 80 columns, nothing invented for what was not measured.
#include "report/variants_table.h"

#include <catch.h>

#include <sstream>

namespace assay::report {
namespace {

using results::Figure;
using results::Variant;

std::vector<Variant> rows() {
  Variant deployed{.name = "as deployed", .where = "mps2-an386", .broken = 341, .fixed = 3};
  deployed.top1 = Figure{.value = 0.355, .unit = "1", .kind = "emulated"};
  deployed.worst_class = "internal rotation of the shoulder joint";
  deployed.worst_delta = -0.994;
  deployed.worst_n = 125;
  deployed.latency = Figure{.value = 7'700'000, .unit = "instructions", .kind = "emulated"};
  deployed.ram = Figure{.value = 31.2 * 1024, .unit = "B", .kind = "measured"};
  deployed.flash = Figure{.value = 141 * 1024, .unit = "B", .kind = "measured"};
  Variant wide{
      .name = "int16 activations, int8 weights, per channel", .where = "desktop", .broken = 4, .fixed = 4};
  wide.top1 = Figure{.value = 0.8317, .unit = "1", .kind = "host"};
  wide.refused =
      "operator 0 CONV_2D: the native engine has no int16 kernels; it computes int8 and float32 models "
      "[model.unsupported_type]";
  return {deployed, wide, Variant{.name = "never|ran"}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("alternatives fit 80 columns, and what refused says why") {
  const auto lines = lines_of(variants_table(rows(), {.width = 80}));
  for (const auto& line : lines) CHECK(line.size() <= 80);
  REQUIRE(lines.size() > 5);
  CHECK_THAT(lines[0], Catch::Contains("top-1 %") && Catch::Contains("latency") && Catch::Contains("flash"));
  CHECK_THAT(lines[1], Catch::Contains("35.50") && Catch::Contains("341/3") && Catch::Contains("7.700 M") &&
                           Catch::Contains("31.2 KiB") && Catch::Contains("141 KiB") &&
                           Catch::Contains("~ -99.4 (125)"));
  CHECK_THAT(lines[2],
             Catch::StartsWith("  int16 activ") && Catch::Contains("83.17") && Catch::Contains("4/4"));
  CHECK_THAT(lines[3], Catch::StartsWith("    not on the board: operator 0 CONV_2D"));
}

TEST_CASE("an absent figure of an alternative is a dash, never 0") {
  const auto lines = lines_of(variants_table({Variant{.name = "x"}}, {.width = 80}));
  CHECK(lines[1].find('0') == std::string::npos);
  CHECK(std::count(lines[1].begin(), lines[1].end(), '-') == 6);
  CHECK(variant_cost(std::nullopt) == "\u2014");
}

TEST_CASE("alternatives as Markdown have one row each, whatever their names") {
  const auto lines = lines_of(variants_markdown(rows()));
  REQUIRE(lines.size() >= 5);
  CHECK(lines[1] == "|---|---:|---:|---|---:|---:|---:|");
  CHECK_THAT(lines[3], Catch::Contains("not on the board: operator 0"));
  CHECK_THAT(lines[4], Catch::Contains("never\\|ran"));
}

}  // namespace assay::report
