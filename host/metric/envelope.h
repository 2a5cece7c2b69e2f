// The runtime envelope: what desktop runtimes of one quantised model disagree about among themselves.
// Per output element the [min, max] over the R1 set; an engine inside it rounds as some desktop runtime does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace assay::metric {

struct Envelope {
  TensorInfo info;             // of the members
  std::vector<double> lo, hi;  // stored values, rows x elements
  // Widest hi - lo in stored steps; absent for float outputs.
  std::optional<int> max_lsb() const;
};

// metric.not_comparable unless the members (>= 1) have equal type, shape, scale, zero point and row count.
Result<Envelope> envelope_of(std::span<const TensorRows* const> members);

// Per sample: 1 where an element of `rows` lies outside (NaN does). metric.not_comparable as above.
Result<std::vector<uint8_t>> samples_outside(const Envelope& envelope, const TensorRows& rows);

}  // namespace assay::metric
