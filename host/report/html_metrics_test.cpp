#include "catch.h"
#include "report/html.h"
#include "report/terminal.h"
#include "report_fixture.h"

using namespace assay;
using namespace assay::report;
namespace fixture = assay::report_fixture;

namespace {

bool has(const std::string& page, std::string_view what) { return page.find(what) != std::string::npos; }

results::Figure share(double value, int64_t n) {
  return {.value = value, .unit = "1", .kind = "host", .n = n};
}

View with_metrics() {
  View view = fixture::digits();
  auto& s = view.summary;
  s.slices = {{.column = "room",
               .value = "<b>noise",
               .support = 60,
               .accuracy_reference = 0.9,
               .accuracy_device = 0.7,
               .delta = -0.2,
               .delta_lo = -0.31,
               .delta_hi = -0.1,
               .broken = 12,
               .sufficient = true,
               .p = 0.0005,
               .p_holm = 0.001,
               .worse = true},
              {.value = "evening", .support = 9, .delta = 0.0}};
  s.task = results::Task{.kind = "anomaly", .baseline_level = "R0", .rule = "score: output 0"};
  s.task->figures = {{.name = "auc",
                      .better = "higher",
                      .counts = "samples",
                      .r0 = share(0.93, 600),
                      .device = share(0.91, 600),
                      .delta = share(-0.02, 600)}};
  s.task->figures[0].delta->lo = -0.03, s.task->figures[0].delta->hi = -0.01;
  s.tensors = {{.a = "R2",
                .b = "D",
                .samples = 600,
                .elements = 6000,
                .mae = 0,
                .max_abs = 0,
                .exact = true,
                .cosine = 1},
               {.a = "R0",
                .b = "D",
                .samples = 600,
                .elements = 6000,
                .mae = 0.0123,
                .max_abs = 0.5,
                .max_abs_sample = "<i>a.wav",
                .max_abs_element = 3,
                .l2r_ref = 0.021,
                .l2r_dev = 0.022,
                .sqnr_db = 33.5,
                .nan_b = 2,
                .nonfinite_disagreements = 2}};
  return view;
}

}  // namespace

TEST_CASE("task, slices and tensors have a section each, with their denominators") {
  const std::string page = html_page(with_metrics());
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
  const std::string text = terminal_block(with_metrics(), {.width = 120}, "");
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
