// Alternatives of a model side by side, as text: `assay whatif` on a terminal and in Markdown.
//
// One line a model; what refused to run on the board says why in a line of its own, and keeps its desktop
// accuracy. A figure that was not measured is a dash.
#pragma once

#include <string>
#include <vector>

#include "report/terminal.h"

namespace assay::report {

// At most `style.width` columns, 80 at least. Ends with a newline.
std::string variants_table(const std::vector<results::Variant>& rows, const TerminalStyle& style);
// A pipe table; reasons stand in their row.
std::string variants_markdown(const std::vector<results::Variant>& rows);

// "12.3 KiB", "7.700 M", "35.2 k": without the unit, which variants_note() tells; a dash when absent.
std::string variant_cost(const std::optional<results::Figure>& figure);
// What the columns mean: unit and kind of latency, whose accuracy is the desktop's.
std::string variants_note(const std::vector<results::Variant>& rows);

}  // namespace assay::report
