// An 8-bit PNG of a small image, for inputs shown in a report.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace assay::report {

// pixels: height * width * channels bytes, row-major; channels 1 (grey) or 3 (RGB). Empty when the sizes do
// not fit.
std::string png_bytes(std::span<const uint8_t> pixels, uint32_t width, uint32_t height, uint32_t channels);
std::string base64(std::string_view bytes);

}  // namespace assay::report
