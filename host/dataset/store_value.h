// The way back from numbers to raw storage: the counterpart of stored_value() in base/tensor.h.
#pragma once

#include <cstdint>

#include "base/tensor.h"

namespace assay::dataset {

// `value` must be one that the type can hold; into: element_size(type) bytes.
void store_value(ElementType type, double value, uint8_t* into);

}  // namespace assay::dataset
