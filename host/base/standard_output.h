// stdout and stderr that outlive their reader: `assay run | head -1` must not end a run that has a board in
// its hands.
//
// After outlive_reader() what a reader no longer takes is dropped without an error. Any other failure (a full
// disk behind
// `> file`) is dropped too, but remembered: a program that lost results must not exit 0.
#pragma once

namespace assay {

// Once in main, before anything is printed.
void outlive_reader();
// errno of the first failure to write stdout that is not the reader's leaving; 0: none. Flush stdout before
// asking.
int lost_output();

}  // namespace assay
