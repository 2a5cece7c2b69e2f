#include "metric/row_values.h"

#include <cstring>

namespace assay::metric {
namespace {

template <class T>
void fill(const uint8_t* bytes, const TensorInfo& info, std::span<double> values) {
  const auto zero = static_cast<double>(info.zero_point);
  for (size_t i = 0; i < values.size(); ++i) {
    T stored;
    std::memcpy(&stored, bytes + i * sizeof(T), sizeof(T));
    values[i] =
        info.scale != 0 ? info.scale * (static_cast<double>(stored) - zero) : static_cast<double>(stored);
  }
}

// In the order of ElementType.
using Fill = void (*)(const uint8_t*, const TensorInfo&, std::span<double>);
constexpr Fill kFills[] = {fill<float>,   fill<int8_t>,  fill<uint8_t>, fill<int16_t>,
                           fill<int32_t>, fill<uint8_t>, fill<int64_t>, fill<double>};

}  // namespace

RowValues::RowValues(const TensorRows& tensor)
    : tensor_(tensor),
      row_bytes_(tensor.info.bytes()),
      values_(static_cast<size_t>(tensor.info.elements())) {}

std::span<const double> RowValues::operator()(size_t row) {
  kFills[static_cast<size_t>(tensor_.info.type)](tensor_.data.data() + row * row_bytes_, tensor_.info,
                                                 values_);
  return values_;
}

}  // namespace assay::metric
