// For the tests of this folder: sample files as other programs write them.
#pragma once

#include <stb_image_write.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "dataset/dataset.h"
#include "dataset/fixture.h"

namespace assay::dataset {

inline void put(std::string& bytes, uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
}

// A canonical WAV: `samples` are the raw little-endian values.
inline std::string wav_of(const std::string& samples, int bits, int channels = 1, uint32_t rate = 16000,
                          bool real = false) {
  std::string bytes = "RIFF";
  put(bytes, static_cast<uint32_t>(36 + samples.size()), 4);
  bytes += "WAVEfmt ";
  put(bytes, 16, 4), put(bytes, real ? 3 : 1, 2), put(bytes, static_cast<uint32_t>(channels), 2),
      put(bytes, rate, 4);
  const auto frame = static_cast<uint32_t>(channels * bits / 8);
  put(bytes, rate * frame, 4), put(bytes, frame, 2), put(bytes, static_cast<uint32_t>(bits), 2);
  bytes += "data";
  put(bytes, static_cast<uint32_t>(samples.size()), 4);
  return bytes + samples + (samples.size() % 2 ? std::string(1, '\0') : "");
}

template <class T>
std::string raw_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

inline void append_written(void* into, void* data, int size) {
  static_cast<std::string*>(into)->append(static_cast<const char*>(data), static_cast<size_t>(size));
}
inline std::string png_of(int width, int height, int channels, const std::vector<uint8_t>& pixels) {
  std::string bytes;
  REQUIRE(stbi_write_png_to_func(append_written, &bytes, width, height, channels, pixels.data(),
                                 width * channels));
  return bytes;
}
inline std::string jpeg_of(int width, int height, int channels, const std::vector<uint8_t>& pixels) {
  std::string bytes;
  REQUIRE(stbi_write_jpg_to_func(append_written, &bytes, width, height, channels, pixels.data(), 100));
  return bytes;
}

// A recording in Edge Impulse's format; accX, accY in m/s2 every 10 ms unless told otherwise.
inline nlohmann::json recording_of(
    const nlohmann::json& values, const nlohmann::json& sensors = nlohmann::json::parse(
                                      R"([{"name":"accX","units":"m/s2"},{"name":"accY","units":"m/s2"}])")) {
  return {{"protected", {{"ver", "v1"}, {"alg", "HS256"}}},
          {"signature", "00"},
          {"payload",
           {{"device_name", "d"},
            {"device_type", "T"},
            {"interval_ms", 10},
            {"sensors", sensors},
            {"values", values}}}};
}
inline std::string cbor_of(const nlohmann::json& json) {
  const auto bytes = nlohmann::json::to_cbor(json);
  return {bytes.begin(), bytes.end()};
}

// Records of an SDS recording, one for each text.
inline std::string sds_of(const std::vector<std::string>& blocks) {
  std::string bytes;
  for (size_t i = 0; i < blocks.size(); ++i) {
    put(bytes, static_cast<uint32_t>(i * 10), 4), put(bytes, static_cast<uint32_t>(blocks[i].size()), 4);
    bytes += blocks[i];
  }
  return bytes;
}
constexpr const char* kGyroYml =
    "sds:\n  name: Gyro\n  frequency: 100\n  content:\n  - value: x\n    type: int16_t\n    scale: 0.5\n    "
    "unit: dps\n"
    "  - value: t\n    type: float\n    offset: 1\n    unit: degree Celsius\n";

inline config::Data data_at(const std::filesystem::path& path) {
  config::Data data;
  data.set_path(path.string());
  return data;
}

inline Dataset opened(const config::Data& data) {
  auto dataset = open_dataset(data);
  if (!dataset) FAIL(dataset.error().code << ": " << dataset.error().text());
  return std::move(*dataset);
}

template <class T>
std::vector<T> values_of(const Dataset& dataset) {
  std::vector<T> values(dataset.inputs.data.size() / sizeof(T));
  std::memcpy(values.data(), dataset.inputs.data.data(), values.size() * sizeof(T));
  return values;
}

// The whole story: code, and every part in the message with its place.
inline void check_refused(const config::Data& data, const std::string& code,
                          const std::vector<std::string>& parts) {
  const auto dataset = open_dataset(data);
  REQUIRE_FALSE(dataset);
  CHECK(dataset.error().code == code);
  for (const std::string& part : parts)
    CHECK_THAT(dataset.error().text() + dataset.error().remedy, Catch::Contains(part));
}

}  // namespace assay::dataset
