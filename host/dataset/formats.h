// How datasets are stored: one reader per file format.
//
// To add one: write <format>.cpp with a `Result<Stored> read_<format>(const config::Data&)`, declare it
// below, add a line to the table in formats.cpp. The reader reports what it finds; open_dataset() checks
// counts, ranges, ids and NaN for all formats alike, and preprocess.h cuts and scales. A reader of one file
// per sample takes its list of files, labels and slices from sample_files.h. The conformance test in
// formats_test.cpp runs over the table.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "dataset/dataset.h"

namespace assay::dataset {

// Rows [first, last] of a recording have this label.
struct LabelSpan {
  int64_t first = 0, last = 0, label = 0;
};

struct Stored {
  TensorRows inputs;  // info.dims[0] == 1
  // One a sample, batch included, when samples differ in shape: only steps of [data.preprocess] can then make
  // one dataset of them. Empty: all are inputs.info.dims.
  std::vector<std::vector<int64_t>> shapes;
  bool untyped = false;
  std::vector<int64_t> labels;                // empty: the file has none
  std::vector<std::vector<LabelSpan>> spans;  // one a sample, where labels change inside recordings; or empty
  std::optional<int64_t> class_count;         // where the labels' file states it
  std::vector<std::string> classes;           // where the format names them; [data] counts before
  std::vector<std::string> ids;               // empty: row numbers
  std::vector<SliceColumn> slices;            // may be empty
  std::vector<std::string> channels;          // along the last dimension, "accX m/s2"; [data] counts before
  std::string kind;                           // as in [data], which counts before
  double rate_hz = 0;                         // of a recording; 0: the format does not tell
  int64_t vouched_files = 0;                  // set by open_dataset()

  size_t count() const { return shapes.empty() ? inputs.rows() : shapes.size(); }
  // One more sample of `dims` (batch included) from the file `id`. The type must be set. dataset.malformed:
  // more than 2 GiB in all.
  Status add_sample(std::string id, const std::vector<int64_t>& dims, std::span<const uint8_t> bytes);
};

struct Format {
  const char* name;
  const char* description;
  const char* extensions;  // ".wav .wave": of the dataset's file, or of the samples in its folder
  bool file, folder;       // what a path may be
  // Codes as in open_dataset().
  Result<Stored> (*read)(const config::Data& data);
};

std::span<const Format> formats();

// By the name of the file, or by those of the files in the folder. dataset.not_found; dataset.type: no format
// has such files; dataset.mixed: files of several formats.
Result<const Format*> find_format(const std::filesystem::path& path);

Result<Stored> read_raw_folder(const config::Data& data);
Result<Stored> read_csv_dataset(const config::Data& data);
Result<Stored> read_npy_dataset(const config::Data& data);
Result<Stored> read_npz_dataset(const config::Data& data);
Result<Stored> read_wav_dataset(const config::Data& data);
Result<Stored> read_image_dataset(const config::Data& data);
Result<Stored> read_edge_impulse(const config::Data& data);
Result<Stored> read_sds_dataset(const config::Data& data);

// For readers: labels, ids and slices of the table that `labels` in [data] names. Codes as read_labels();
// dataset.label_missing when the samples have ids of their own and the table lists others.
Status add_labels(const config::Data& data, Stored& stored);

}  // namespace assay::dataset
