#include "dataset/sensor_units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "config/nearest.h"
#include "config/profile.pb.h"

namespace assay::dataset {
namespace {

// SenML (RFC 8428), which Edge Impulse asks for, and what sensors' tools write besides. "wav" is Edge
// Impulse's word for sound as integers.
constexpr std::string_view kKnown[] = {
    "",
    "N/A",
    "wav",
    "m",
    "mm",
    "cm",
    "km",
    "g",
    "mg",
    "kg",
    "s",
    "ms",
    "A",
    "mA",
    "uA",
    "K",
    "Cel",
    "degC",
    "C",
    "F",
    "cd",
    "mol",
    "Hz",
    "rad",
    "deg",
    "sr",
    "N",
    "Pa",
    "hPa",
    "kPa",
    "bar",
    "J",
    "W",
    "mW",
    "V",
    "mV",
    "Ohm",
    "T",
    "uT",
    "mT",
    "G",
    "lm",
    "lx",
    "Bq",
    "m2",
    "m3",
    "l",
    "m/s",
    "m/s2",
    "m/s^2",
    "mps2",
    "rad/s",
    "deg/s",
    "dps",
    "mdps",
    "l/s",
    "W/m2",
    "dB",
    "dBW",
    "dBm",
    "%",
    "%RH",
    "%EL",
    "ppm",
    "ppb",
    "count",
    "1/s",
    "beat/min",
    "beats",
    "pH",
    "degree Celsius",
    "/",
    "lat",
    "lon",
    "counts",
    "raw",
};

Status check_known(const Sensor& sensor, const std::string& where) {
  if (std::find(std::begin(kKnown), std::end(kKnown), sensor.unit) != std::end(kKnown)) return {};
  const std::vector<std::string> known(std::begin(kKnown), std::end(kKnown));
  const std::string near = config::nearest(sensor.unit, known);
  return fail("dataset.units", fmt::format("sensor '{}' has the unknown unit '{}'", sensor.name, sensor.unit),
              where,
              fmt::format("{}If it is right, list the units of all sensors as `units` in [data].",
                          near.empty() ? "" : fmt::format("Did you mean '{}'? ", near)));
}

}  // namespace

Status check_units(const config::Data& data, const std::vector<Sensor>& sensors, const std::string& where) {
  if (data.units_size() == 0) {
    for (const Sensor& sensor : sensors) ASSAY_CHECK(check_known(sensor, where));
    return {};
  }
  if (static_cast<size_t>(data.units_size()) != sensors.size())
    return fail("dataset.units",
                fmt::format("[data] lists {} units for {} sensors", data.units_size(), sensors.size()),
                where);
  for (size_t i = 0; i < sensors.size(); ++i) {
    const std::string& wanted = data.units(static_cast<int>(i));
    if (sensors[i].unit != wanted)
      return fail(
          "dataset.units",
          fmt::format("sensor '{}' is in '{}', [data] says '{}'", sensors[i].name, sensors[i].unit, wanted),
          where);
  }
  return {};
}

Status check_same(const std::vector<Sensor>& before, const std::vector<Sensor>& now,
                  const std::string& where) {
  const auto fits = [](const Sensor& a, const Sensor& b) { return a.name == b.name; };
  if (!std::equal(before.begin(), before.end(), now.begin(), now.end(), fits)) {
    return fail("dataset.shape",
                fmt::format("sensors {}, the recordings before have {}", fmt::join(channel_names(now), ", "),
                            fmt::join(channel_names(before), ", ")),
                where, "Keep recordings of the same sensors in a dataset.");
  }
  for (size_t i = 0; i < now.size(); ++i) {
    if (now[i].unit == before[i].unit) continue;
    return fail("dataset.units",
                fmt::format("sensor '{}' is in '{}', in the recordings before in '{}'", now[i].name,
                            now[i].unit, before[i].unit),
                where, "Convert the recordings to one unit.");
  }
  return {};
}

std::vector<std::string> channel_names(const std::vector<Sensor>& sensors) {
  std::vector<std::string> names;
  for (const Sensor& sensor : sensors)
    names.push_back(sensor.unit.empty() ? sensor.name : fmt::format("{} {}", sensor.name, sensor.unit));
  return names;
}

}  // namespace assay::dataset
