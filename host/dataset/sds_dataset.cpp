// Arm Synchronous Data Streaming: recordings of one stream, each a file of records {u32 timestamp, u32 bytes,
// data}, little-endian. Records are blocks as they were written; their data follow each other to rows of the
// values that <stream>.sds.yml lists. Values become real (stored * scale + offset) as float32, shape rows x
// values.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/sample_files.h"
#include "dataset/sds_metadata.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHeader = 8;

tl::unexpected<Error> malformed(std::string what, const std::string& where) {
  return fail("dataset.malformed", std::move(what), where, "Record or copy the file again.");
}

// The data of all records, one after the other.
Result<std::vector<uint8_t>> payload_of(std::span<const uint8_t> bytes, const std::string& where) {
  std::vector<uint8_t> payload;
  size_t record = 0;
  for (size_t at = 0; at < bytes.size(); ++record) {
    if (bytes.size() - at < kHeader)
      return malformed(fmt::format("cut off: record {} at byte {} has {} of 8 bytes of its header", record,
                                   at, bytes.size() - at),
                       where);
    uint32_t size = 0;
    std::memcpy(&size, bytes.data() + at + 4, sizeof size);
    at += kHeader;
    if (bytes.size() - at < size)
      return malformed(fmt::format("cut off: record {} at byte {} states {} bytes, {} are left", record,
                                   at - kHeader, size, bytes.size() - at),
                       where);
    payload.insert(payload.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
  }
  if (payload.empty()) return malformed("the recording holds no data", where);
  return payload;
}

std::vector<float> real_rows(const SdsMetadata& metadata, std::span<const uint8_t> payload) {
  std::vector<float> reals;
  reals.reserve(payload.size() / metadata.row_bytes() * metadata.values.size());
  for (size_t at = 0; at < payload.size();) {
    for (const SdsValue& value : metadata.values) {
      reals.push_back(static_cast<float>(value.type->read(payload.data() + at) * value.scale + value.offset));
      at += value.type->bytes;
    }
  }
  return reals;
}

class SdsReader {
 public:
  SdsReader(const config::Data& data, Stored& stored) : data_(data), stored_(stored) {}

  Status add(const SampleFile& file) {
    const std::string where = file.path.string();
    ASSAY_TRY(const SdsMetadata* metadata, metadata_of(file.path));
    ASSAY_TRY(const auto bytes, read_unchanged(file.path));
    ASSAY_TRY(const auto payload, payload_of(bytes, where));
    const size_t row = metadata->row_bytes();
    if (payload.size() % row != 0)
      return malformed(
          fmt::format("{} bytes of data are no whole number of rows of {} bytes", payload.size(), row),
          where);
    const std::vector<float> reals = real_rows(*metadata, payload);
    const auto width = static_cast<int64_t>(metadata->values.size());
    return stored_.add_sample(file.id, {1, static_cast<int64_t>(payload.size() / row), width},
                              {reinterpret_cast<const uint8_t*>(reals.data()), reals.size() * sizeof(float)});
  }

 private:
  Result<const SdsMetadata*> metadata_of(const fs::path& recording) {
    const fs::path file = sds_metadata_of(recording, fs::path(data_.path()));
    const auto known = read_.find(file);
    if (known != read_.end()) return &known->second;
    ASSAY_TRY(SdsMetadata metadata, read_sds_metadata(file));
    const std::string where = file.string();
    std::vector<Sensor> sensors;
    for (const SdsValue& value : metadata.values) sensors.push_back({value.name, value.unit});
    ASSAY_CHECK(check_units(data_, sensors, where));
    if (data_.rate_hz() > 0 && metadata.rate_hz > 0 && data_.rate_hz() != metadata.rate_hz)
      return fail("dataset.rate",
                  fmt::format("sampled at {} Hz, [data] says {} Hz", metadata.rate_hz, data_.rate_hz()),
                  where);
    if (!read_.empty()) {
      ASSAY_CHECK(check_same(sensors_, sensors, where));
      if (metadata.rate_hz != stored_.rate_hz)
        return fail(
            "dataset.rate",
            fmt::format("sampled at {} Hz, the streams before at {} Hz", metadata.rate_hz, stored_.rate_hz),
            where);
    }
    sensors_ = sensors;
    stored_.rate_hz = metadata.rate_hz;
    stored_.channels = metadata.audio ? std::vector<std::string>() : channel_names(sensors);
    stored_.kind = metadata.audio ? "audio" : "series";
    return &read_.emplace(file, std::move(metadata)).first->second;
  }

  const config::Data& data_;
  Stored& stored_;
  std::map<fs::path, SdsMetadata> read_;  // stable addresses
  std::vector<Sensor> sensors_;
};

}  // namespace

Result<Stored> read_sds_dataset(const config::Data& data) {
  ASSAY_TRY(SampleFiles list, list_samples(data, {.extensions = ".sds"}));
  Stored stored;
  stored.inputs.info.type = ElementType::kFloat32;
  take_facts(list, stored);
  SdsReader reader(data, stored);
  for (const SampleFile& file : list.files) ASSAY_CHECK(reader.add(file));
  return stored;
}

}  // namespace assay::dataset
