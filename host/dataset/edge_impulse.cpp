// Edge Impulse's data acquisition format, as JSON or CBOR: one recording a file.
//
// {"protected": {"ver": "v1", "alg"}, "signature", "payload": {"device_name", "device_type", "interval_ms",
// "sensors": [{"name", "units"}], "values": [[a, b, c], ...]}}; one sensor: numbers or rows of one. The
// signature needs the key of the device and is not checked. Values become float32, shape rows x sensors.
// Written from Edge Impulse's public specification of the format.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/sample_files.h"
#include "dataset/sensor_units.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

using Json = nlohmann::json;

constexpr const char* kRemedy = "Export or record the file again.";

tl::unexpected<Error> malformed(std::string what, const std::string& where) {
  return fail("dataset.malformed", std::move(what), where, kRemedy);
}

// The library throws what went wrong and where.
Result<Json> parse(const SampleFile& file) {
  ASSAY_TRY(const auto bytes, read_unchanged(file.path));
  const bool cbor = file.path.extension() == ".cbor";
  try {
    return cbor ? Json::from_cbor(bytes) : Json::parse(bytes);
  } catch (const Json::parse_error& error) {
    return malformed(fmt::format("no {} at byte {} of {}", cbor ? "CBOR" : "JSON", error.byte, bytes.size()),
                     file.path.string());
  } catch (const Json::exception& error) {
    return malformed(fmt::format("no {}: {}", cbor ? "CBOR" : "JSON", error.what()), file.path.string());
  }
}

struct Recording {
  std::vector<Sensor> sensors;
  double interval_ms = 0;
  int64_t rows = 0;
  std::vector<float> values;
};

class PayloadReader {
 public:
  explicit PayloadReader(std::string where) : where_(std::move(where)) {}

  Result<Recording> read(const Json& json) {
    if (!json.is_object() || !json.contains("payload") || !json["payload"].is_object())
      return malformed("no object `payload`", where_);
    if (json.contains("protected") && json["protected"].is_object() &&
        json["protected"].value("ver", Json()) != "v1")
      return malformed("the format is not of version v1", where_);
    const Json& payload = json["payload"];
    if (!payload.contains("interval_ms") || !payload["interval_ms"].is_number() ||
        !(payload["interval_ms"].get<double>() > 0))
      return malformed("`interval_ms` is no number above 0", where_);
    found_.interval_ms = payload["interval_ms"].get<double>();
    ASSAY_CHECK(read_sensors(payload));
    if (!payload.contains("values") || !payload["values"].is_array())
      return malformed("no list `values`", where_);
    for (const Json& row : payload["values"]) ASSAY_CHECK(read_row(row));
    if (found_.rows == 0) return malformed("the recording holds no values", where_);
    return std::move(found_);
  }

 private:
  Status read_sensors(const Json& payload) {
    if (!payload.contains("sensors") || !payload["sensors"].is_array() || payload["sensors"].empty())
      return malformed("no list `sensors`", where_);
    for (const Json& sensor : payload["sensors"]) {
      const auto is_text = [&](const char* key) {
        return sensor.is_object() && sensor.contains(key) && sensor[key].is_string();
      };
      if (!is_text("name") || !is_text("units"))
        return malformed(fmt::format("sensor {} has no text `name` or `units`", found_.sensors.size()),
                         where_);
      found_.sensors.push_back({sensor["name"], sensor["units"]});
    }
    return {};
  }

  Status read_row(const Json& row) {
    const size_t width = found_.sensors.size();
    if (row.is_array() ? row.size() != width : width != 1)
      return malformed(fmt::format("row {} has {} values, there are {} sensors", found_.rows,
                                   row.is_array() ? row.size() : 1, width),
                       where_);
    if (!row.is_array()) {
      ASSAY_CHECK(add(row));
    } else {
      for (const Json& value : row) ASSAY_CHECK(add(value));
    }
    ++found_.rows;
    return {};
  }

  Status add(const Json& value) {
    if (!value.is_number())
      return malformed(fmt::format("row {}: '{}' is no number", found_.rows,
                                   value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 40)),
                       where_);
    const auto number = value.get<double>();
    if (!std::isfinite(number))
      return fail("dataset.nan", fmt::format("{} in row {}", number, found_.rows), where_,
                  "Repair or remove the recording.");
    found_.values.push_back(static_cast<float>(std::clamp<double>(number, -3.4e38, 3.4e38)));
    return {};
  }

  std::string where_;
  Recording found_;
};

// All recordings of a dataset have the same sensors at the same rate.
Status check_uniform(const config::Data& data, const Recording& recording, const std::vector<Sensor>& before,
                     Stored& stored, const std::string& where) {
  const double rate = 1000 / recording.interval_ms;
  const auto differs = [&](double other) { return other > 0 && std::fabs(rate - other) > 1e-6 * other; };
  if (differs(data.rate_hz()))
    return fail("dataset.rate",
                fmt::format("sampled at {:.6g} Hz (every {} ms), [data] says {:.6g} Hz", rate,
                            recording.interval_ms, data.rate_hz()),
                where);
  if (differs(stored.rate_hz))
    return fail("dataset.rate",
                fmt::format("sampled at {:.6g} Hz, the files before at {:.6g} Hz", rate, stored.rate_hz),
                where);
  if (stored.ids.empty()) stored.rate_hz = rate;
  ASSAY_CHECK(check_units(data, recording.sensors, where));
  return before.empty() ? Status() : check_same(before, recording.sensors, where);
}

// info.labels counts rows or milliseconds, depending on the tool that wrote it; the last label ends with the
// recording, which tells which. Afterwards: rows.
Status settle_spans(const Recording& recording, std::vector<LabelSpan>& spans, const std::string& where) {
  if (spans.empty() || spans.back().last < 0) return {};
  const int64_t last = spans.back().last;
  if (last == recording.rows - 1 || last == recording.rows) return {};
  const double ends_ms = static_cast<double>(recording.rows) * recording.interval_ms;
  if (std::fabs(static_cast<double>(last) - ends_ms) > 2 * recording.interval_ms + 1) {
    return fail("dataset.malformed",
                fmt::format("the last label ends at {}, the recording has {} rows and {:.0f} ms", last,
                            recording.rows, ends_ms),
                where,
                "Labels in info.labels must reach to the recording's end, in rows or in milliseconds.");
  }
  for (LabelSpan& span : spans) {
    span.first = static_cast<int64_t>(std::ceil(static_cast<double>(span.first) / recording.interval_ms));
    span.last = static_cast<int64_t>(std::floor(static_cast<double>(span.last) / recording.interval_ms));
  }
  return {};
}

}  // namespace

Result<Stored> read_edge_impulse(const config::Data& data) {
  ASSAY_TRY(SampleFiles list, list_samples(data, {.extensions = ".json .cbor", .label_from_name = true}));
  Stored stored;
  stored.inputs.info.type = ElementType::kFloat32;
  take_facts(list, stored);
  std::vector<Sensor> sensors;
  for (size_t i = 0; i < list.files.size(); ++i) {
    const std::string where = list.files[i].path.string();
    ASSAY_TRY(const Json json, parse(list.files[i]));
    ASSAY_TRY(const Recording recording, PayloadReader(where).read(json));
    ASSAY_CHECK(check_uniform(data, recording, sensors, stored, where));
    if (!stored.spans.empty()) ASSAY_CHECK(settle_spans(recording, stored.spans[i], where));
    sensors = recording.sensors;
    const auto width = static_cast<int64_t>(sensors.size());
    const auto* bytes = reinterpret_cast<const uint8_t*>(recording.values.data());
    ASSAY_CHECK(stored.add_sample(list.files[i].id, {1, recording.rows, width},
                                  {bytes, recording.values.size() * sizeof(float)}));
  }
  stored.channels = channel_names(sensors);
  stored.kind = sensors.size() == 1 && sensors[0].unit == "wav" ? "audio" : "series";
  return stored;
}

}  // namespace assay::dataset
