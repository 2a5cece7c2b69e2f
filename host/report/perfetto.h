// A run as a trace that ui.perfetto.dev opens: the operators of the median inference as slices, every sample
// on a track of its own, and what the board's arena holds as a counter.
//
// Format: Chrome's trace events as JSON. Its time axis is in microseconds; a clock that counts cycles or
// instructions is shown as one microsecond a count, and the names of the tracks, "otherData" and every slice
// say which.
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

std::string perfetto_trace(const View& view);

}  // namespace assay::report
