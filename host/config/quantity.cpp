#include "config/quantity.h"

#include <fmt/format.h>

#include <charconv>

namespace assay::config {
namespace {

struct Unit {
  std::string_view kind, name;
  double factor;
};

constexpr Unit kUnits[] = {
    {"bytes", "B", 1},
    {"bytes", "KiB", 1024},
    {"bytes", "MiB", 1024.0 * 1024},
    {"bytes", "GiB", 1024.0 * 1024 * 1024},
    {"bytes", "kB", 1e3},
    {"bytes", "MB", 1e6},
    {"bytes", "GB", 1e9},
    {"Hz", "Hz", 1},
    {"Hz", "kHz", 1e3},
    {"Hz", "MHz", 1e6},
    {"Hz", "GHz", 1e9},
};

}  // namespace

std::string units_of(std::string_view kind) {
  std::string names;
  for (const Unit& unit : kUnits) {
    if (unit.kind == kind) names += (names.empty() ? "" : ", ") + std::string(unit.name);
  }
  return names;
}

Result<double> quantity(std::string_view text, std::string_view kind) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto bad = [&](std::string_view what) {
    return fail("config.unit", fmt::format("\"{}\" {}", text, what), "",
                fmt::format("Write a number and one of: {}.", units_of(kind)));
  };
  if (error != std::errc()) return bad("does not begin with a number");
  std::string_view name = text.substr(static_cast<size_t>(stop - text.data()));
  name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
  if (name.empty()) return bad("has no unit");
  for (const Unit& unit : kUnits) {
    if (unit.kind == kind && unit.name == name) return number * unit.factor;
  }
  return bad(fmt::format("has the unit '{}', which is none of: {}", name, units_of(kind)));
}

}  // namespace assay::config
