#include "catch.h"
#include "report/html.h"
#include "report/terminal.h"
#include "report_fixture.h"

using namespace assay;
using namespace assay::report;
namespace fixture = assay::report_fixture;

namespace {

bool has(const std::string& page, std::string_view what) { return page.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("task, slices and tensors have a section each, with their denominators") {
  const std::string page = html_page(fixture::with_metrics());
  for (const char* text :
       {"One slice is worse: room=&lt;b&gt;noise lost 20.0", "p: exact McNemar, Holm-corrected",
        "insufficient", "[\u221231.0, \u221210.0]", "score: output 0. Brackets", "93.0\u202f%", "600 samples",
        "R2\u2192D", "<td class=\"n ok\">exact</td>", "over all 6\u202f000 elements of 600 samples",
        "&lt;i&gt;a.wav, element 3", "0.0123", "2 (2 disagree)", "R0 and D disagree on NaN or infinity"}) {
    INFO(text);
    CHECK(has(page, text));
  }
  CHECK_FALSE(has(page, "<b>noise"));
  CHECK_FALSE(has(page, "<i>a.wav"));
}

TEST_CASE("the terminal names a slice that is worse and prints the figures of the task") {
  const std::string text = terminal_block(fixture::with_metrics(), {.width = 120}, "");
  CHECK(has(text, "room=<b>noise is worse: -20.0 pp"));
  CHECK(has(text, "12 broken, 0 fixed of n 60"));
  CHECK_FALSE(has(text, "evening"));
  CHECK(has(text, "anomaly"));
  CHECK(has(text, "auc 93.0 % > 91.0 %"));
  CHECK(has(text, "n 600 samples"));
}

TEST_CASE("a run without them has no such section") {
  const std::string page = html_page(fixture::watch_raw());
  for (const char* text : {"exact McNemar, Holm", "Dequantised outputs in float64", "Brackets: 95 %"})
    CHECK_FALSE(has(page, text));
}
