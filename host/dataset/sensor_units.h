// Which units sensors may state. A model that was trained on rad/s and is given deg/s fails silently, so a
// unit that nobody knows stops a dataset until its profile lists it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace assay::config {
class Data;
}

namespace assay::dataset {

struct Sensor {
  std::string name, unit;  // unit may be empty: a bare number
};

// dataset.units: a unit that is neither in the table of sensor_units.cpp nor in `units` of [data], or another
// one than [data] lists for this sensor.
Status check_units(const config::Data& data, const std::vector<Sensor>& sensors, const std::string& where);
// dataset.units or dataset.shape: the recordings before have other sensors.
Status check_same(const std::vector<Sensor>& before, const std::vector<Sensor>& now,
                  const std::string& where);

// "accX m/s2": as channels are named.
std::vector<std::string> channel_names(const std::vector<Sensor>& sensors);

}  // namespace assay::dataset
