// "4 MiB", "25 MHz": numbers with their unit, as a person writes them in a TOML file.
//
// A new kind of quantity is a row per unit in quantity.cpp; a key takes it by `unit` in its Rule.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace assay::config {

// `text` in the base unit of `kind` ("bytes": B, "Hz": Hz). The number is decimal, a blank before the unit is
// free. config.unit: no number, no unit, or none of this kind; the message lists those that are.
Result<double> quantity(std::string_view text, std::string_view kind);

// "B, KiB, MiB, GiB, kB, MB, GB".
std::string units_of(std::string_view kind);

}  // namespace assay::config
