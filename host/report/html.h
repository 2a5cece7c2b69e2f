// report.html: one self-contained page for people. It loads nothing from a network, reads complete without
// script, on a phone, in the dark and on paper.
//
// Continuous-integration servers may forbid inline style and script (Jenkins' default content policy): the
// page then falls back to report.css beside it, and stays readable. "#theme=dark" or "#theme=light" in the
// address picks a theme.
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

std::string html_page(const View& view);
// The page's style sheet, to be written as report.css beside the page.
std::string report_css();

}  // namespace assay::report
