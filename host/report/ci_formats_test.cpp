// The formats for continuous integration: golden files, and names that try to break out of each.
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "base/files.h"
#include "catch.h"
#include "report/csv_figures.h"
#include "report/formats.h"
#include "report/github.h"
#include "report/markdown.h"
#include "report/openmetrics.h"
#include "report/perfetto.h"
#include "report_fixture.h"
#include "results/csv.h"

using namespace assay::report;
namespace fixture = assay::report_fixture;

namespace {

// watch_raw as a step of a workflow sees it: held to a baseline, with single samples.
View failing() {
  View view = fixture::watch_raw();
  assay::results::SinceBaseline since{
      .file = "baselines/watch_raw/mps2-an386.toml",
      .run_id = "51bd02a",
      .word = "worse",
      .sentence = "Worse than the baseline: latency.median 250000 instructions > 254118 instructions.",
      .subject = {"firmware 51bd02 > 9c1e77"}};
  since.rows = {{.figure = "latency.median",
                 .word = "worse",
                 .unit = "instructions",
                 .kind = "emulated",
                 .before = 250000,
                 .now = 254118}};
  view.summary.baseline = since;
  view.summary.gates.push_back({"baseline.latency", "not worse than the baseline",
                                "latency.median 250000 instructions > 254118 instructions", "fail",
                                "worse than the baseline", "baselines/watch_raw/mps2-an386.toml"});
  view.samples = {
      {.index = 0, .id = "s10/r013", .truth = 1, .device = 1, .ticks = 1627000, .first_run = true},
      {.index = 1, .id = "s09/r133", .truth = 2, .device = 0, .ticks = 1626355, .retries = 2}};
  view.profile_file = "/src/profiles/watch_raw/profile.toml";
  return view;
}

const std::string kEvil = "a\nb%0A::error::x,y:z|`<b>\"\\@all\r\xff";

View evil() {
  View view = failing();
  auto& s = view.summary;
  s.profile = s.title = s.sentence = s.target.board = s.target.board_title = kEvil;
  s.attribution->sentence = kEvil;
  for (auto& row : s.accuracy->classes) row.name = kEvil;
  for (auto& name : s.dataset.classes) name = kEvil;
  for (auto& gate : s.gates) gate.metric = gate.observed = gate.reason = gate.rule = kEvil;
  for (auto& layer : s.layers) layer.op = layer.kernel = kEvil;
  for (auto& sample : view.samples) sample.id = kEvil;
  s.issues = {{kEvil, "warning", kEvil}};
  s.baseline->sentence = s.baseline->subject[0] = s.baseline->rows[0].figure = kEvil;
  return view;
}

// ASSAY_UPDATE_GOLDEN=1 rewrites the file beside this source.
void check_golden(const std::string& text, const std::string& name) {
  const std::string path = ASSAY_SOURCE_DIR "/host/report/" + name;
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) REQUIRE(assay::write_file(path, text));
  const auto golden = assay::read_text(path);
  REQUIRE(golden);
  CHECK(text == *golden);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The rules of the OpenMetrics 1.0 text format that a line can break; the problem, or empty.
std::string openmetrics_problem(const std::string& text) {
  const std::regex meta("# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\n]*)");
  const std::regex sample(
      "([a-zA-Z_:][a-zA-Z0-9_:]*)\\{((?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\",?)*)\\} "
      "-?[0-9.]+(?:e[+-]?[0-9]+)?");
  const auto lines = lines_of(text);
  if (lines.empty() || lines.back() != "# EOF" || !text.ends_with("# EOF\n")) return "no # EOF at the end";
  std::set<std::string> families, series;
  std::string family;
  std::smatch match;
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (std::regex_match(line, match, meta)) {
      if (match[1] == "TYPE" && !families.insert(match[2]).second) return "family twice: " + line;
      if (match[1] == "TYPE") family = match[2];
      if (match[2] != family) return "metadata of another family: " + line;
      if (match[1] == "UNIT" && !family.ends_with("_" + match[3].str())) return "unit is no suffix: " + line;
    } else if (std::regex_match(line, match, sample)) {
      if (match[1] != family) return "sample outside of its family: " + line;
      if (!series.insert(match[1].str() + "{" + match[2].str()).second) return "series twice: " + line;
    } else {
      return "no line of the format: " + line;
    }
  }
  return "";
}

}  // namespace

TEST_CASE("CSV, Markdown, GitHub, GitLab and Perfetto equal their golden files") {
  const View view = failing();
  check_golden(csv_figures(view), "csv_watch_raw.golden.csv");
  check_golden(markdown_report(view), "markdown_watch_raw.golden.md");
  check_golden(github_annotations(view, "/src"), "github_watch_raw.golden.txt");
  check_golden(openmetrics(view), "openmetrics_watch_raw.golden.txt");
  check_golden(nlohmann::ordered_json::parse(perfetto_trace(view)).dump(1) + "\n",
               "perfetto_watch_raw.golden.json");
}

TEST_CASE("OpenMetrics is valid, whatever things are called") {
  for (const View& view :
       {failing(), evil(), fixture::bare(), fixture::digits(), fixture::hostile(), fixture::large()})
    CHECK(openmetrics_problem(openmetrics(view)) == "");
  CHECK(openmetrics_problem("# TYPE a gauge\na{} 1\n") != "");
  CHECK(openmetrics_problem("# TYPE a gauge\na{b=\"c\nd\"} 1\n# EOF\n") != "");
  View invalid = fixture::digits();
  invalid.summary.latency->median->validity = "invalid";
  CHECK(openmetrics(invalid).find("assay_latency_median") == std::string::npos);
}

TEST_CASE("A GitHub command is one line whose text cannot begin another") {
  const std::string text = github_annotations(evil(), "/src");
  for (const std::string& line : lines_of(text)) {
    CHECK(std::regex_search(line, std::regex("^::(error|warning|notice) [^:]*::")));
    CHECK(line.find('\r') == std::string::npos);
    // Properties hold no bare comma or colon but those that separate them.
    const std::string properties = line.substr(0, line.find("::", 2));
    CHECK(properties.find("y:z") == std::string::npos);
  }
  CHECK(text.find("%250A") != std::string::npos);
  CHECK(text.find("title=a%0Ab%250A%3A%3Aerror%3A%3Ax%2Cy%3Az") != std::string::npos);
}

TEST_CASE("Annotations point at the lines of the profile, and are few") {
  View view = failing();
  const std::string text = github_annotations(view, "/src");
  CHECK(text.find("file=profiles/watch_raw/profile.toml,line=") != std::string::npos);
  CHECK(github_annotations(view, "/elsewhere").find("profile.toml") == std::string::npos);
  for (int i = 0; i < 50; ++i) view.summary.gates.push_back(view.summary.gates.front());
  CHECK(lines_of(github_annotations(view, "/src")).size() <= 11);
  view.summary.verdict = "error", view.summary.exit_code = 3, view.summary.gates.clear();
  CHECK(github_annotations(view, "/src").starts_with("::error title="));
  CHECK(github_annotations(fixture::digits(), "/src").starts_with("::notice title="));
  CHECK(github_annotations(fixture::bare(), "/src").starts_with("::warning title="));
}

TEST_CASE("Markdown of hostile names holds no markup of theirs") {
  CHECK(markdown_text("a|b\n<i>`x` @all [l](http://h)") ==
        "a&#124;b &lt;i&gt;&#96;x&#96; &#64;all &#91;l&#93;&#40;http&#58;//h&#41;");
  const std::string text = markdown_report(evil());
  CHECK(text.find("<b>") == std::string::npos);
  CHECK(text.find("@all") == std::string::npos);
  CHECK(text.find("\n::error") == std::string::npos);
  size_t columns = 0;
  for (const std::string& line : lines_of(text)) {
    const auto bars = static_cast<size_t>(std::count(line.begin(), line.end(), '|'));
    if (line.starts_with("|")) CHECK((columns == 0 || bars == columns));  // no cell was added
    columns = line.starts_with("|") ? bars : 0;
  }
  CHECK(text.starts_with("### "));
}

TEST_CASE("Every figure is one row of the CSV, with unit, kind and validity") {
  const auto table = assay::results::parse_csv(csv_figures(evil()), "figures.csv");
  REQUIRE(table);
  CHECK(table->header ==
        assay::results::CsvRow{"figure", "value", "unit", "kind", "n", "lo", "hi", "validity"});
  CHECK(table->rows.size() > 20);
  for (const auto& row : table->rows) {
    CHECK_FALSE(row[1].empty());
    CHECK_FALSE(row[2].empty());
    CHECK_FALSE(row[3].empty());
    CHECK(row[7] == "valid");
  }
  CHECK(assay::results::parse_csv(csv_figures(fixture::bare()), "x")->rows.empty());
}

TEST_CASE("The trace holds operators end to end and each sample with its answer") {
  const auto trace = nlohmann::json::parse(perfetto_trace(failing()));
  double end = 0, operators = 0;
  int samples = 0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    if (event["pid"] == 2) {
      ++samples;
      continue;
    }
    CHECK(event["ts"].get<double>() == Approx(end));
    end += event["dur"].get<double>();
    ++operators;
  }
  CHECK(operators == static_cast<double>(failing().summary.layers.size()));
  CHECK(samples == 2);
  CHECK(trace["otherData"]["axis"] == "1 us shown = 1 of: instructions (emulated)");
  CHECK_NOTHROW(nlohmann::json::parse(perfetto_trace(evil())));
  CHECK_NOTHROW(nlohmann::json::parse(perfetto_trace(fixture::bare())));
}

TEST_CASE("A run that failed by its baseline alone says so, another says who lost the accuracy") {
  View view = fixture::watch_raw();
  for (auto& gate : view.summary.gates) gate.verdict = "pass";
  view.summary.gates.push_back({"baseline.latency", "not worse than the baseline", "slower", "fail",
                                "worse than the baseline", "b.toml"});
  view.summary.sentence = "Worse than the baseline: slower.";
  CHECK(markdown_report(fixture::watch_raw()).find(markdown_text(view.summary.attribution->sentence)) !=
        std::string::npos);
  CHECK(markdown_report(view).find("\n\nWorse than the baseline: slower.\n") != std::string::npos);
}
