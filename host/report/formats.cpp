#include "report/formats.h"

#include "base/files.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/terminal.h"
#include "results/summary_json.h"

namespace assay::report {
namespace {

constexpr Format kFormats[] = {
    {"html", "report.html", "one self-contained page for people", html_page},
    {"junit", "junit.xml", "test cases for continuous integration", junit_xml},
    {"json", "summary.json", "every figure, for programs",
     [](const View& view) { return results::summary_text(view.summary); }},
    {"text", "", "what `assay run` prints, in ASCII",
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
