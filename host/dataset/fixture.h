// For the tests of this folder: a scratch folder, and .npz archives made as NumPy makes them.
#pragma once

#include <catch.h>
#include <stdlib.h>
#include <zip.h>

#include <filesystem>
#include <map>
#include <string>

#include "base/files.h"
#include "config/profile.pb.h"
#include "results/npy.h"

namespace assay::dataset {

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "assay-dataset-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name, std::string_view text) const {
    REQUIRE(write_file(path / name, text));
    return (path / name).string();
  }
  std::filesystem::path path;
};

template <class T>
TensorRows rows_of(ElementType type, std::vector<int64_t> dims, const std::vector<T>& values) {
  TensorRows rows;
  rows.info.type = type;
  rows.info.dims = std::move(dims);
  const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
  rows.data.assign(bytes, bytes + values.size() * sizeof(T));
  return rows;
}

inline std::vector<uint8_t> npy_of(const TensorRows& rows) {
  auto bytes = results::npy_bytes(rows);
  REQUIRE(bytes);
  return *bytes;
}

// As numpy.array([...], dtype='S<width>') is saved; the header needs no padding to be valid.
inline std::vector<uint8_t> text_npy(const std::vector<std::string>& texts, size_t width) {
  std::string header = "{'descr': '|S" + std::to_string(width) + "', 'fortran_order': False, 'shape': (" +
                       std::to_string(texts.size()) + ",), }\n";
  std::string bytes = "\x93NUMPY";
  bytes += {1, 0, static_cast<char>(header.size()), 0};
  bytes += header;
  for (std::string text : texts) {
    text.resize(width, '\0');
    bytes += text;
  }
  return {bytes.begin(), bytes.end()};
}

inline std::string write_npz(const std::filesystem::path& path,
                             const std::map<std::string, std::vector<uint8_t>>& arrays) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  REQUIRE(archive != nullptr);
  for (const auto& [name, bytes] : arrays) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    REQUIRE(zip_file_add(archive, (name + ".npy").c_str(), source, 0) >= 0);
  }
  REQUIRE(zip_close(archive) == 0);
  return path.string();
}

}  // namespace assay::dataset
