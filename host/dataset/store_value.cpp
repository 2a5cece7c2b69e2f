#include "dataset/store_value.h"

#include <cstring>

namespace assay::dataset {
namespace {

template <class T>
void store(double value, uint8_t* into) {
  const T typed = static_cast<T>(value);
  std::memcpy(into, &typed, sizeof typed);
}

struct Storing {
  ElementType type;
  void (*store)(double value, uint8_t* into);
};
constexpr Storing kStoring[] = {
    {ElementType::kFloat32, store<float>}, {ElementType::kInt8, store<int8_t>},
    {ElementType::kUint8, store<uint8_t>}, {ElementType::kInt16, store<int16_t>},
    {ElementType::kInt32, store<int32_t>}, {ElementType::kBool, store<uint8_t>},
    {ElementType::kInt64, store<int64_t>}, {ElementType::kFloat64, store<double>},
};

}  // namespace

void store_value(ElementType type, double value, uint8_t* into) {
  for (const Storing& storing : kStoring) {
    if (storing.type == type) return storing.store(value, into);
  }
}

}  // namespace assay::dataset
