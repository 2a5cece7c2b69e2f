// Loss on the way in: what rounding and clipping do to each channel of the model's input before the first
// operator. A channel is an index of the last input dimension: x, y, z of an accelerometer, R, G, B of an
// image.
#pragma once

#include <string>
#include <vector>

#include "base/tensor.h"
#include "results/summary.h"

namespace assay::metric {

// `quantised` holds what the device received; `real` the same samples before quantisation, or nullptr when
// the dataset is stored quantised (then SQNR is absent). Names beyond the given ones are the channel's
// number. zero_share: stored value = zero point; saturated_share: stored value at a limit of the type. SQNR
// is absent where the channel is exact or silent. No rows for a float input: nothing is lost.
// metric.not_comparable when `real` has other elements or rows.
Result<std::vector<results::InputChannel>> input_channels(const TensorRows* real, const TensorRows& quantised,
                                                          const std::vector<std::string>& names);

}  // namespace assay::metric
