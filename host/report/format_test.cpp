#include "report/format.h"

#include "catch.h"

using namespace assay::report;
using assay::results::Figure;

TEST_CASE("Numbers follow the rules of the house") {
  CHECK(fixed(-47.81, 1) == "\u221247.8");
  CHECK(fixed(-0.04, 1) == "0.0");  // never a negative zero
  CHECK(fixed(NAN, 1) == "\u2014");
  CHECK(count(254118) == "254\u202f118");
  CHECK(count(-1234567) == "\u22121\u202f234\u202f567");
  CHECK(percent(0.355) == "35.5\u202f%");
  CHECK(points(-0.478) == "\u221247.8\u202fpp");
  CHECK(p_value(1e-9) == "< 0.001");
  CHECK(p_value(0.0071) == "0.007");
  CHECK(p_value(1.0) == "1");
  CHECK(kib(830) == "830\u202fB");
  CHECK(kib(7782) == "7.6\u202fKiB");
  CHECK(kib(4194304) == "4\u202fMiB");
  CHECK(si(254118) == "254.1\u202fk");
  CHECK(si(7700000) == "7.700\u202fM");
  CHECK(si(42) == "42");
  CHECK(plural(1, "flip") == "1 flip");
  CHECK(plural(0, "retry", "retries") == "0 retries");
  CHECK(number_word(4) == "Four");
  CHECK(number_word(417) == "417");
}

TEST_CASE("A figure prints value and unit apart, and says when it is emulated") {
  CHECK(value_text(Figure{0.355, "1", "measured"}) == "35.5");
  CHECK(unit_text(Figure{0.355, "1", "measured"}) == "%");
  CHECK(value_text(Figure{33690, "B", "measured"}) == "32.9");
  CHECK(unit_text(Figure{33690, "B", "measured"}) == "KiB");
  CHECK(unit_text(Figure{254118, "instructions", "emulated"}) == "instructions (emulated)");
  CHECK(unit_text(Figure{12, "ns", "host"}) == "host ns");
  CHECK(interval_text(Figure{0.846, "1", "host", 707, 0.817, 0.871}) == "[81.7, 87.1]");
  CHECK(interval_text(Figure{0.846, "1", "host"}).empty());
}

TEST_CASE("Text of others is typeset, and can be made plain again") {
  CHECK(typeset(">= -2.0 pp") == "\u2265 \u22122.0 pp");
  CHECK(typeset("model-7 2026-11-24 x--layers") == "model-7 2026-11-24 x--layers");
  CHECK(typeset("<= 300000 instructions") == "\u2264 300\u202f000 instructions");
  CHECK(typeset("build 123456ab v1.1234567") == "build 123456ab v1.1234567");
  CHECK(ascii("254\u202f118 \u2265 \u22122.0\u202fpp \u2192 \u2014") == "254118 >= -2.0 pp > -");
  CHECK(ascii("caf\u00e9 \xff") == "caf? ?");
}

TEST_CASE("Escaping leaves no way out of an element or an attribute") {
  CHECK(escape("<script>\"'&") == "&lt;script&gt;&quot;&#39;&amp;");
  CHECK(escape(std::string("a\x01z\xff", 4)) == "a\ufffdz\ufffd");
  CHECK(escape("\xc0\xbcscript") == "\ufffd\ufffdscript");  // an overlong "<" stays no "<"
  CHECK(escape("Übung\t\n") == "Übung\t\n");
}

TEST_CASE("The limit of a gate is read from its rule") {
  const auto limit = limit_of({"accuracy.delta", ">= -2.0 pp"});
  REQUIRE(limit);
  CHECK(limit->comparison == "\u2265");
  CHECK(limit->value == -2.0);
  CHECK(limit->unit == "pp");
  CHECK(limit_of({"x", "= 0 bits"})->unit == "bits");
  CHECK_FALSE(limit_of({"x", "is never zero"}));
}

TEST_CASE("Small shares are said to be small, large counts are whole") {
  CHECK(part_of(0.0004) == "< 0.1\u202f%");
  CHECK(part_of(0.001) == "0.1\u202f%");
  CHECK(part_of(0) == "0.0\u202f%");
  CHECK(grouped(16.5) == "16.5");
  CHECK(grouped(9720874.6) == "9\u202f720\u202f875");
}

TEST_CASE("A gate's limit is the number behind the comparison, whatever is bounded") {
  assay::results::Gate gate;
  gate.rule = "lower 95 % bound >= -2 pp";
  const auto limit = limit_of(gate);
  REQUIRE(limit);
  CHECK(limit->value == -2);
  CHECK(limit->comparison == "\u2265");
  CHECK(limit->unit == "pp");
  gate.rule = "as good as before";
  CHECK_FALSE(limit_of(gate));
}
