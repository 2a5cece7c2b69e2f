// The figures of a run as OpenMetrics text: GitLab's metrics report compares them between branches, and any
// Prometheus can read them.
//
// One gauge a figure, "assay_latency_median_instructions", with the labels profile, board and kind: they do
// not change from run to run, so that a report finds the figure again. Figures that are invalid are left out:
// no value is better than a wrong one. Format: the OpenMetrics 1.0 text format.
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

std::string openmetrics(const View& view);

}  // namespace assay::report
