// What each section found, as a sentence from a fixed table of rules: never free text, so that two runs with
// the same figures say the same. Add a rule: one line in findings.cpp, above the weaker rules of its section.
#pragma once

#include <string>
#include <string_view>

#include "report/view.h"

namespace assay::report {

struct Finding {
  std::string sentence;  // the plain name of the section when no rule matches
  std::string note;      // one remark under it; may be empty
};
// Plain text; the page escapes it.
Finding finding(std::string_view section, const View& view);

}  // namespace assay::report
