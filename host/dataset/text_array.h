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

// The other way: fixed-width bytes. dataset.malformed: a text that ends with or holds a NUL byte, or is
// longer than 4096 bytes.
Result<std::vector<uint8_t>> text_array_bytes(std::span<const std::string> texts);

}  // namespace assay::dataset
