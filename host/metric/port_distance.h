// How far the device is from its engine's host build in real units: for ports that need not be exact to the
// bit, and for outputs that were written down with few decimals.
#pragma once

#include <cstdint>
#include <optional>

#include "base/tensor.h"

namespace assay::metric {

struct PortDistance {
  double max_error = 0;  // largest |device - R2| of one output, dequantised; NaN counts as infinity
  int64_t outside =
      0;  // outputs where it exceeds the tolerance by more than what decimals cost in binary (1e-7)
};
// Types may differ, element and row counts may not: metric.not_comparable.
Result<PortDistance> port_distance(const TensorRows& r2, const TensorRows& device, double tolerance);

}  // namespace assay::metric
