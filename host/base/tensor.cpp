#include "base/tensor.h"

#include <fmt/format.h>

#include <cstring>

namespace assay {
namespace {

struct TypeRow {
  ElementType type;
  std::string_view name;
  size_t bytes;
};
constexpr TypeRow kTypes[] = {
    {ElementType::kFloat32, "float32", 4}, {ElementType::kInt8, "int8", 1},
    {ElementType::kUint8, "uint8", 1},     {ElementType::kInt16, "int16", 2},
    {ElementType::kInt32, "int32", 4},     {ElementType::kBool, "bool", 1},
    {ElementType::kInt64, "int64", 8},     {ElementType::kFloat64, "float64", 8},
};

template <class T>
double as(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

}  // namespace

size_t element_size(ElementType type) { return kTypes[static_cast<size_t>(type)].bytes; }
std::string_view element_name(ElementType type) { return kTypes[static_cast<size_t>(type)].name; }

Result<ElementType> element_type(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type;
  }
  return fail("config.value", fmt::format("unknown element type '{}'", name));
}

int64_t TensorInfo::elements() const {
  int64_t product = 1;
  for (int64_t dim : dims) product *= dim;
  return product;
}
size_t TensorInfo::bytes() const { return static_cast<size_t>(elements()) * element_size(type); }
std::string TensorInfo::shape() const { return fmt::format("{}", fmt::join(dims, "x")); }

double stored_value(ElementType type, const uint8_t* bytes) {
  switch (type) {
    case ElementType::kFloat32:
      return as<float>(bytes);
    case ElementType::kInt8:
      return as<int8_t>(bytes);
    case ElementType::kUint8:
    case ElementType::kBool:
      return as<uint8_t>(bytes);
    case ElementType::kInt16:
      return as<int16_t>(bytes);
    case ElementType::kInt32:
      return as<int32_t>(bytes);
    case ElementType::kInt64:
      return as<int64_t>(bytes);
    case ElementType::kFloat64:
      return as<double>(bytes);
  }
  return 0;
}

std::vector<double> real_values(const TensorInfo& info, std::span<const uint8_t> row) {
  const size_t size = element_size(info.type);
  std::vector<double> values(row.size() / size);
  for (size_t i = 0; i < values.size(); ++i) {
    const double stored = stored_value(info.type, row.data() + i * size);
    values[i] = info.scale != 0 ? info.scale * (stored - static_cast<double>(info.zero_point)) : stored;
  }
  return values;
}

}  // namespace assay
