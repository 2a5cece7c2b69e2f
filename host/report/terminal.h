// The block that `assay run` and `assay show` print: what happened, in one screen of a terminal.
//
// Lines are wrapped, never cut: "label   text" with a hanging indent. Every figure says what kind it is.
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

struct TerminalStyle {
  bool colour = false;   // ANSI colours
  bool unicode = false;  // else ASCII only, for pipes and logs
  int width = 80;        // columns; at least 40
};

// Ends with a newline. `report_path` is printed last when not empty.
std::string terminal_block(const View& view, const TerminalStyle& style, const std::string& report_path = {});

}  // namespace assay::report
