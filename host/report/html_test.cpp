#include "report/html.h"

#include "catch.h"
#include "report/findings.h"
#include "report_fixture.h"

using namespace assay::report;
namespace fixture = assay::report_fixture;

namespace {

bool has(const std::string& page, std::string_view what) { return page.find(what) != std::string::npos; }
size_t occurrences(const std::string& page, std::string_view what) {
  size_t n = 0;
  for (size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + what.size())) ++n;
  return n;
}

}  // namespace

TEST_CASE("A failed run: the page says what failed, who owns it and what helps") {
  const std::string page = html_page(fixture::watch_raw());
  for (const char* text :
       {"FAIL", "Quantising to int8 lost 47.8 points of accuracy.", "owns the loss", "341 broken, 3 fixed",
        "Four of seven classes vanished", "The device only ever answers PEN, FEL or TRAP",
        "ax, ay and az are gone before the first operator", "Two changes would pass",
        "instructions (emulated)", "same bits", "Bar tops", "assay://run/r3f2a91/overview",
        "99.5 + gaps 0.5 = 100.0 %"}) {
    INFO(text);
    CHECK(has(page, text));
  }
}

TEST_CASE("The page stands alone: no network, no absolute path, no inline style attribute") {
  for (const auto& view : {fixture::watch_raw(), fixture::digits(), fixture::bare()}) {
    const std::string page = html_page(view);
    CHECK_FALSE(has(page, "http"));
    CHECK_FALSE(has(page, "file:/"));
    CHECK_FALSE(has(page, "=\"/"));
    CHECK_FALSE(has(page, " style="));
    CHECK(page.starts_with("<!DOCTYPE html>"));
    CHECK(occurrences(page, "<section") == occurrences(page, "</section>"));
    CHECK(occurrences(page, "<table") == occurrences(page, "</table>"));
    CHECK(occurrences(page, "<svg") == occurrences(page, "</svg>"));
  }
}

TEST_CASE("Names that try to break out stay text") {
  const std::string page = html_page(fixture::hostile());
  CHECK_FALSE(has(page, "<script>alert"));
  CHECK(has(page, "&lt;script&gt;alert(1)"));
  CHECK(occurrences(page, "<script") == 2);  // the flips' data and the page's own
  CHECK(occurrences(page, "</script>") == 2);
}

TEST_CASE("What was not measured is a dash with its reason, never a zero") {
  const std::string page = html_page(fixture::bare());
  for (const char* text : {"INCONCLUSIVE", "12 samples are too few: 460 are needed.", "\u2014 No accuracy",
                           "the run recorded no ticks", "no meter took part", "no per-operator ticks",
                           "the profile names no variants"})
    CHECK(has(page, text));
  CHECK_FALSE(has(page, "0.0 %"));
}

TEST_CASE("A passed run has the same page in green") {
  const std::string page = html_page(fixture::digits());
  CHECK(has(page, "class=\"verdict pass\""));
  CHECK(has(page, "No class got worse"));
  CHECK(has(page, "2 of 600 predictions changed"));
  CHECK(has(page, "data:image/png;base64,iVBOR"));
}

TEST_CASE("Ten thousand samples stay under five megabytes") {
  const auto view = fixture::large();
  REQUIRE(view.summary.samples_done >= 10000);
  const std::string page = html_page(view);
  CHECK(page.size() < 5'000'000);
  CHECK(has(page, "200 embedded"));
  CHECK(has(page, "worst 20 of 30 classes"));
  CHECK(has(page, "40 other operators"));
}

TEST_CASE("Findings come from rules: a rule that does not match gives way to the next") {
  auto view = fixture::watch_raw();
  CHECK(finding("Classes", view).sentence == "Four of seven classes vanished");
  for (auto& row : view.summary.accuracy->classes)
    if (row.recall_device == 0.0) row.recall_device = 0.01;
  CHECK(finding("Classes", view).sentence == "ROW lost most: \u2212100.0\u202fpp");
  view.summary.accuracy.reset();
  CHECK(finding("Classes", view).sentence == "Classes");
}

TEST_CASE("One sleeping run is not the spread") {
  auto view = fixture::watch_raw();
  view.summary.latency->max->value *= 300;
  CHECK(finding("Latency and link", view).sentence.starts_with("Nine of ten runs spread 0"));
}

TEST_CASE("The style sheet names both themes and every heat step") {
  const std::string css = report_css();
  for (const char* text : {"prefers-color-scheme:dark", "[data-theme=dark]", ".hr0{", ".hw23{",
                           "@media print", "max-width:760px"})
    CHECK(has(css, text));
}

TEST_CASE("Gaps are one row of their own and never negative") {
  const std::string page = html_page(fixture::spelled_out());
  CHECK_FALSE(has(page, "(gaps)"));
  CHECK(occurrences(page, "<td>gaps between operators</td>") == 1);
  CHECK(has(page, "<td>timed inference</td>"));
  CHECK(has(page, "Operators 99.8 + gaps 0.2 = 100.0 %."));
  const size_t row = page.find("<td>gaps between operators</td>");
  CHECK(page.substr(row, page.find("</tr>", row) - row).find("\u2212") == std::string::npos);
}

TEST_CASE("A reference kernel is marked as a fallback only where the model mixes kernel sets") {
  constexpr std::string_view kMark = "<b class=\"own\"";
  CHECK_FALSE(has(html_page(fixture::spelled_out()), kMark));
  auto view = fixture::spelled_out();
  view.summary.layers[1].kernel = "dsp/conv_s8";
  const std::string page = html_page(view);
  CHECK(has(page, "no faster kernel for this operator"));
  CHECK(occurrences(page, "title=\"no faster kernel for this operator\"") == 10);
}

TEST_CASE("Labels of the arena are drawn only where they fit, the tooltip has the whole name") {
  const std::string page = html_page(fixture::spelled_out());
  CHECK(has(page, "<title>functional_1/re_lu_1_2/Relu6;"));
  CHECK_FALSE(has(page, "\">functional_1"));
  CHECK(has(html_page(fixture::watch_raw()), ">t1 600</text>"));
}

TEST_CASE("A board with far more memory than is used") {
  const std::string page = html_page(fixture::spelled_out());
  CHECK(has(page, "&lt; 0.1\u202f% of the board’s 20\u202fMiB"));
  CHECK_FALSE(has(page, "0.0\u202f% of the board"));
}
