// What a run tells GitHub when it is a step of a workflow: annotations, and a summary of the job.
//
// Annotations go to stdout, where the runner reads commands; with --json to stderr, which it reads too, so
// that stdout stays one JSON document. The summary is appended to $GITHUB_STEP_SUMMARY.
#pragma once

#include "report/view.h"

namespace assay::cli {

// $GITHUB_ACTIONS is "true".
bool in_github_actions();
// Never fails: what cannot be written is a line on stderr. `json`: stdout belongs to somebody else.
void tell_github(const report::View& view, bool json);

}  // namespace assay::cli
