// Renders the synthetic runs: assay_report_sample FOLDER writes <name>.html and report.css.
#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "report/html.h"
#include "report_fixture.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: assay_report_sample FOLDER\n"), 2;
  const std::filesystem::path folder = argv[1];
  const std::pair<const char*, assay::report::View (*)()> samples[] = {
      {"watch_raw", assay::report_fixture::watch_raw},
      {"digits", assay::report_fixture::digits},
      {"with_metrics", assay::report_fixture::with_metrics},
      {"bare", assay::report_fixture::bare},
      {"hostile", assay::report_fixture::hostile},
      {"spelled_out", assay::report_fixture::spelled_out},
      {"large", assay::report_fixture::large}};
  auto status = assay::make_directories(folder);
  for (const auto& [name, make] : samples)
    if (status)
      status = assay::write_file(folder / (std::string(name) + ".html"), assay::report::html_page(make()));
  if (status) status = assay::write_file(folder / "report.css", assay::report::report_css());
  if (!status) return std::fprintf(stderr, "%s\n", status.error().text().c_str()), 3;
}
