// Markdown for a comment on a merge request and for GitHub's job summary: the verdict first, a short table,
// details folded.
//
// Whatever comes from a run (names of classes, models, samples) goes through markdown_text(): it then is text
// in every place, a table cell included, and mentions nobody.
#pragma once

#include <string>
#include <string_view>

#include "report/view.h"

namespace assay::report {

// No character of it is markup: in GitHub's and GitLab's Markdown, in a cell of a table, in HTML.
std::string markdown_text(std::string_view text);
// The report of a run. With `details` closed in <details>.
std::string markdown_report(const View& view);

}  // namespace assay::report
