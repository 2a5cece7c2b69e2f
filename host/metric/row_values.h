// One row of a tensor in real units at a time, without an allocation a row: metrics of ten thousand samples
// are read several times.
#pragma once

#include <span>
#include <vector>

#include "base/tensor.h"

namespace assay::metric {

class RowValues {
 public:
  // `tensor` must outlive this.
  explicit RowValues(const TensorRows& tensor);
  // scale * (q - zero_point), or the values themselves where not quantised; valid until the next call.
  std::span<const double> operator()(size_t row);

 private:
  const TensorRows& tensor_;
  size_t row_bytes_;
  std::vector<double> values_;
};

}  // namespace assay::metric
