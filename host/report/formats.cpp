#include "report/formats.h"

#include "base/files.h"
#include "report/csv_figures.h"
#include "report/github.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/openmetrics.h"
#include "report/perfetto.h"
#include "report/terminal.h"
#include "results/summary_json.h"

namespace assay::report {
namespace {

constexpr Format kFormats[] = {
    {"html", "report.html", "one self-contained page for people", html_page},
    {"junit", "junit.xml", "test cases for continuous integration", junit_xml},
    {"json", "summary.json", "every figure, for programs",
     [](const View& view) { return results::summary_text(view.summary); }},
    {"csv", "figures.csv", "every figure, one a line, for spreadsheets", csv_figures},
    {"md", "report.md", "a comment on a merge request: the verdict first, details folded", markdown_report},
    {"github", "github.txt", "GitHub workflow commands: annotations on the gates that do not hold",
     github_commands},
    {"gitlab", "metrics.txt", "OpenMetrics, for GitLab's metrics report and Prometheus", openmetrics},
    {"perfetto", "trace.json", "operators and samples as a trace for ui.perfetto.dev", perfetto_trace},
    {"text", "report.txt", "what `assay run` prints, in ASCII",
     [](const View& view) { return terminal_block(view, {}); }},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  for (const Format& format : kFormats)
    if (format.name == name) return &format;
  return nullptr;
}

Status write_reports(const View& view, const std::filesystem::path& folder) {
  for (const std::string_view name : {"html", "junit"}) {
    const Format* format = find_format(name);
    ASSAY_CHECK(write_file(folder / format->file, format->render(view)));
  }
  return write_file(folder / "report.css", report_css());
}

}  // namespace assay::report
