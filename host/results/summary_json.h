// summary.json: Summary <-> text, so that no other file knows how the summary is stored.
//
// Keys equal the member names of summary.h, always in that file's order (summary_fields.h). An empty optional
// is an absent key. A number that is not finite is never written: an optional number or figure is left out,
// any other is null (and read back as NaN). Strings that are no UTF-8 are written with U+FFFD in place of the
// bad bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "results/summary.h"

namespace assay::results {

// Pretty-printed, two spaces, with a final newline. The same summary gives the same bytes on every machine.
std::string summary_text(const Summary& summary);

// results.bad_summary with the JSON path and what was expected. Absent keys keep their defaults and unknown
// keys are ignored, so that old runs can be read; a higher schema_version is refused. `where` names the file
// in the message.
Result<Summary> parse_summary(std::string_view text, const std::string& where = "summary.json");

// memory.json: the Memory part alone, under the same rules.
std::string memory_text(const Memory& memory);
Result<Memory> parse_memory(std::string_view text, const std::string& where = "memory.json");

// The Divergence part alone, for `assay diverge --json`.
std::string divergence_text(const Divergence& divergence);

}  // namespace assay::results
