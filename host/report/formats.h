// The formats a run can be reported in. Add one: a file with a function View -> text, a line in formats.cpp.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/view.h"

namespace assay::report {

struct Format {
  std::string_view name;  // "html": what `--format` takes
  std::string_view file;  // "report.html": its name in the run folder
  std::string_view what;  // one line for help
  std::string (*render)(const View&);
};

std::span<const Format> formats();
// nullptr when unknown.
const Format* find_format(std::string_view name);
// report.html, report.css and junit.xml into the folder. base.file.
Status write_reports(const View& view, const std::filesystem::path& folder);

}  // namespace assay::report
