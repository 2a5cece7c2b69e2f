// The page's style sheet and script, as built into the program (CMakeLists.txt makes assets.cpp of report.css
// and report.js).
#pragma once

#include <string_view>

namespace assay::report {

extern const std::string_view kReportCss;
extern const std::string_view kReportJs;

}  // namespace assay::report
