// The sections of the HTML page. Add one: declare it here, write html_<name>.cpp, add a line to kSections in
// html.cpp.
//
// Each returns finished HTML of its content column (first screen: of its cell), or an empty string when the
// run has nothing of the kind; the page then leaves the section out or says why (html.cpp). No `style`
// attributes: strict content policies forbid them, so looks live in report.css alone.
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

// First screen.
std::string masthead(const View& view);
std::string verdict_banner(const View& view);
std::string attribution_waterfall(const View& view);
std::string class_dumbbells(const View& view);  // with flips, where the error enters, ways out in short
std::string cost_strip(const View& view);

// Sections.
std::string classes_section(const View& view);
std::string confusion_section(const View& view);
std::string inputs_section(const View& view);
std::string flips_section(const View& view);
std::string divergence_section(const View& view);
std::string task_section(const View& view);
std::string slices_section(const View& view);
std::string tensors_section(const View& view);
std::string variants_section(const View& view);
std::string variant_costs(const View& view);  // the part of it that a board told; empty when none was asked
std::string layers_section(const View& view);
std::string latency_section(const View& view);
std::string memory_section(const View& view);
std::string issues_section(const View& view);
std::string baseline_section(const View& view);
std::string provenance_section(const View& view);
std::string page_footer(const View& view);

// Matrix cell colours in steps, for both themes, as CSS (html_confusion.cpp).
std::string heat_css();

// Shared by more than one section.
std::string verdict_word(const std::string& verdict);   // "FAIL"
std::string verdict_class(const std::string& verdict);  // CSS class: pass | fail | inconclusive | error
// A level's accuracy, or nullptr: R0, R1, R2, D.
const results::Figure* level_accuracy(const results::Summary& summary, const std::string& level);
// The level that "reference" means, as printed: "float R0", "int8 R1", "host R2".
std::string reference_name(const results::Summary& summary);
// Percent at or above which top-1 passes gate accuracy.delta or accuracy.top1; nullopt without such a gate.
std::optional<double> accuracy_gate_percent(const results::Summary& summary);

}  // namespace assay::report
