// Names of samples in a .npy: NumPy's fixed-width bytes ('S13') or integers, shape (N).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::dataset {

// dataset.malformed, dataset.type; results.bad_npy for a broken header.
Result<std::vector<std::string>> parse_text_array(std::span<const uint8_t> npy, const std::string& where);

}  // namespace assay::dataset
