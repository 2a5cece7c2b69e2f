// What an inference costs: latency and its operators, memory, flash, the link.
#pragma once

#include "results/summary.h"
#include "run/device.h"
#include "run/replay.h"

namespace assay::run {

// Fills latency, layers, memory, flash and link of the summary; what the device did not measure stays absent.
// metric.bad_observations when operators exceed their total.
Status fill_cost(const Prepared& prepared, const Device& device, const Replay& replay,
                 results::Summary& summary);

}  // namespace assay::run
