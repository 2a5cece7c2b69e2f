#include "metric/port_distance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::metric {

// A decimal such as 0.086 stored as float32 is off by up to 4e-9; differences that equal the tolerance are
// within it.
constexpr double kDecimalSlack = 1e-7;

Result<PortDistance> port_distance(const TensorRows& r2, const TensorRows& device, double tolerance) {
  if (r2.rows() != device.rows() || r2.info.elements() != device.info.elements()) {
    return fail("metric.not_comparable",
                fmt::format("R2 has {} rows of {} outputs, the device {} rows of {}", r2.rows(),
                            r2.info.elements(), device.rows(), device.info.elements()));
  }
  PortDistance distance;
  for (size_t i = 0; i < r2.rows(); ++i) {
    const auto wanted = real_values(r2.info, r2.row(i)), got = real_values(device.info, device.row(i));
    for (size_t k = 0; k < wanted.size(); ++k) {
      double error = std::abs(got[k] - wanted[k]);
      if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
      distance.max_error = std::max(distance.max_error, error);
      distance.outside += error > tolerance + kDecimalSlack;
    }
  }
  return distance;
}

}  // namespace assay::metric
