// The first divergence as the terminal and the page show it.
#include "catch.h"
#include "report/html.h"
#include "report/terminal.h"
#include "report_fixture.h"

using namespace assay;
using namespace assay::report;

namespace {

bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

View diverging() {
  View view = report_fixture::digits();
  results::Divergence d;
  d.state = "diverges";
  d.sentence = "Operator #1 DEPTHWISE_CONV_2D (reference kernel) is the first that differs: it <lies> here.";
  d.samples = {"digits/0001"};
  d.choice = "the 1 that differ most from the host build";
  d.plans = 2;
  d.first = 1;
  d.op = "DEPTHWISE_CONV_2D", d.kernel = "reference/DEPTHWISE_CONV_2D";
  d.input_shape = "1x8x8x8", d.filter_shape = "1x3x3x8", d.output_shape = "1x4x4x8";
  d.worst = results::WorstElement{.sample = "digits/0001",
                                  .at = {0, 3, 1, 7},
                                  .device = 1.5,
                                  .reference = -2.0,
                                  .device_q = 15,
                                  .reference_q = 8};
  d.inputs_equal = true;
  d.operators.resize(3);
  d.operators[0] = {.index = 0,
                    .op = "CONV_2D",
                    .captured = true,
                    .elements = 512,
                    .differing = 0,
                    .local_differing = 0,
                    .max_lsb = 0,
                    .local_max_lsb = 0};
  d.operators[1] = {.index = 1,
                    .op = "DEPTHWISE_CONV_2D",
                    .captured = true,
                    .elements = 128,
                    .differing = 21,
                    .local_differing = 21,
                    .max_lsb = 7,
                    .local_max_lsb = 7,
                    .sqnr_db = 33.25,
                    .local_sqnr_db = 33.25};
  d.operators[2] = {
      .index = 2, .op = "MEAN", .captured = false, .note = "the arena needs 9 bytes, and there are 8"};
  view.summary.divergence = d;
  return view;
}

}  // namespace

TEST_CASE("The terminal names the first divergence in one line, inside the width") {
  const std::string text = terminal_block(diverging(), {.colour = false, .unicode = false, .width = 80});
  CHECK(has(text, "diverges   #1 DEPTHWISE_CONV_2D (reference)"));
  CHECK(has(text, "21 of 128 elements, worst 7 LSB at [0,3,1,7]"));
  CHECK(has(text, "inputs equal: the fault lies in it"));
  View agreeing = diverging();
  agreeing.summary.divergence->first.reset();
  agreeing.summary.divergence->state = "agrees";
  agreeing.summary.divergence->sentence = "All 3 operators agree with the host build to the bit.";
  CHECK(has(terminal_block(agreeing, {}), "operators  All 3 operators agree"));
  CHECK_FALSE(has(terminal_block(report_fixture::digits(), {}), "diverges"));
}

TEST_CASE("The page lists operators with accumulated and local error, and why one is missing") {
  const std::string page = html_page(diverging());
  for (const char* text :
       {"#1 DEPTHWISE_CONV_2D is the first operator that differs", "it &lt;lies&gt; here", "33.2", "exact",
        "[0, 3, 1, 7]", "not captured: the arena needs 9 bytes", "1 sample captured", "2 tapped plans"}) {
    INFO(text);
    CHECK(has(page, text));
  }
  CHECK_FALSE(has(html_page(report_fixture::digits()), "First divergence"));
}
