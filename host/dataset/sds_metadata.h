// <stream>.sds.yml: what the records of <stream>.<n>.sds hold. Written from the public description of the
// SDS file format (ARM-software/SDS-Framework, schema/); both the older key `frequency` and the newer
// `sample-frequency` are read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/sensor_units.h"

namespace assay::dataset {

struct SdsValue {
  std::string name, unit;
  const struct SdsType* type = nullptr;
  double scale = 1, offset = 0;  // real = stored * scale + offset
};

// How one number is stored, little-endian.
struct SdsType {
  const char* name;  // "int16_t"
  size_t bytes;
  double (*read)(const uint8_t* at);
};

struct SdsMetadata {
  std::string name;
  double rate_hz = 0;  // 0: not stated
  bool audio = false;
  std::vector<SdsValue> values;  // of one row, in order, no padding

  size_t row_bytes() const;
};

// dataset.not_found (with the name that was looked for), dataset.malformed (file:line), dataset.type: a type
// of value that is not read (bit fields, pictures), by name.
Result<SdsMetadata> read_sds_metadata(const std::filesystem::path& file);
// "Gyro.sds.yml" for ".../Gyro.0.sds": beside it, else in `folder`.
std::filesystem::path sds_metadata_of(const std::filesystem::path& recording,
                                      const std::filesystem::path& folder);

}  // namespace assay::dataset
