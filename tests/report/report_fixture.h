// Synthetic runs as a report sees them: the shapes and the published figures of the demos, made without a
// board.
#pragma once

#include "report/view.h"

namespace assay::report_fixture {

// FAIL: the smartwatch model fed g and deg/s through one input scale. Accuracies, recalls, supports and
// variants are those measured with the demo's recipe; confusion off the diagonal, margins, traces and costs
// are made up.
report::View watch_raw();
// PASS: 8x8 digits, 600 samples, int8 as good as float, runtimes that differ a little.
report::View digits();
// digits with a slice that is worse, the figures of a task and the output tensors of two pairs of sides.
report::View with_metrics();
// INCONCLUSIVE: interrupted early, no labels, no references, no ticks: nearly everything is absent.
report::View bare();
// watch_raw with names that try to break out of every format.
report::View hostile();
// watch_raw as converters and datasets write it: spelled-out class names, channels with units, tensors named
// after every fused layer, one kernel set, a measured gaps row, a board with far more memory than is used.
report::View spelled_out();
// 10,000 samples, 4,000 flips with inputs kept, 30 classes, 80 operators.
report::View large();

}  // namespace assay::report_fixture
