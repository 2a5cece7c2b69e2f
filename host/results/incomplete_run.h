// What can be said about a run that has no summary: it is going on, or it was killed, or its disk was full.
#pragma once

#include "results/run_folder.h"

namespace assay::results {

// Verdict "interrupted", validity "invalid"; how far it came, in which phase, and how to go on, in the
// sentence and as an issue (run.incomplete). Names and counts come from profile.lock.toml and the journal, as
// far as they can be read.
Summary summary_of_incomplete(const RunFolder& folder);

// The summary of the folder, with the issue run.incomplete when its manifest is missing and nobody is about
// to write it; the above where there is none. results.bad_summary, base.file.
Result<Summary> read_any_summary(const RunFolder& folder);

}  // namespace assay::results
