// How datasets are stored: one reader per file format.
//
// To add one: write <format>.cpp with a `Result<Stored> read_<format>(const config::Data&)`, declare it
// below, add a line to the table in formats.cpp. The reader reports what it finds; open_dataset() checks
// counts, ranges and NaN for all formats alike. The conformance test in formats_test.cpp runs over the table.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "dataset/dataset.h"

namespace assay::dataset {

struct Stored {
  TensorRows inputs;  // info.dims[0] == 1
  bool untyped = false;
  std::vector<int64_t> labels;         // empty: the file has none
  std::optional<int64_t> class_count;  // where the labels' file states it
  std::vector<std::string> ids;        // empty: row numbers
  std::vector<SliceColumn> slices;     // may be empty
  int64_t vouched_files = 0;           // set by open_dataset()
};

struct Format {
  const char* name;
  const char* description;
  // Decides by kind and name of the path, without opening it.
  bool (*accepts)(const std::filesystem::path& path);
  // Codes as in open_dataset().
  Result<Stored> (*read)(const config::Data& data);
};

std::span<const Format> formats();

Result<Stored> read_raw_folder(const config::Data& data);
Result<Stored> read_csv_dataset(const config::Data& data);
Result<Stored> read_npy_dataset(const config::Data& data);
Result<Stored> read_npz_dataset(const config::Data& data);

// For readers: labels, ids and slices of the table that `labels` in [data] names. Codes as read_labels();
// dataset.label_missing when the samples have ids of their own and the table lists others.
Status add_labels(const config::Data& data, Stored& stored);

}  // namespace assay::dataset
