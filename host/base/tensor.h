// Tensors as every part of the host names them: what the border of a model looks like, and one row per
// sample.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay {

// Values equal those of the agent protocol and of the plan.
enum class ElementType : uint8_t {
  kFloat32 = 0,
  kInt8 = 1,
  kUint8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kBool = 5,
  kInt64 = 6,
  kFloat64 = 7
};

size_t element_size(ElementType type);            // bytes
std::string_view element_name(ElementType type);  // "float32", "int8", ...
// config.value when the name is unknown.
Result<ElementType> element_type(std::string_view name);

struct TensorInfo {
  std::string name;
  ElementType type = ElementType::kFloat32;
  std::vector<int64_t> dims;  // batch included
  double scale = 0;           // real = scale * (q - zero_point); 0: not quantised
  int64_t zero_point = 0;

  int64_t elements() const;   // product of dims
  size_t bytes() const;       // elements() * element size
  std::string shape() const;  // "1x49x10x1"
};

// One tensor of many samples, row after row.
struct TensorRows {
  TensorInfo info;
  std::vector<uint8_t> data;  // rows() * info.bytes()

  size_t rows() const { return info.bytes() ? data.size() / info.bytes() : 0; }
  std::span<const uint8_t> row(size_t index) const {
    return std::span(data).subspan(index * info.bytes(), info.bytes());
  }
};

// One element of raw storage as a number, without scale.
double stored_value(ElementType type, const uint8_t* bytes);
// A row in real units: scale * (q - zero_point), or the values themselves where not quantised.
std::vector<double> real_values(const TensorInfo& info, std::span<const uint8_t> row);

}  // namespace assay
