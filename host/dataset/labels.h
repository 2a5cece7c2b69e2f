// Tables of labels beside the samples: MLPerf Tiny's `file,n_classes,class`, or a one-dimensional .npy.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::dataset {

struct Labels {
  std::vector<std::string> ids;        // first column; empty for .npy
  std::vector<int64_t> values;         // last column
  std::optional<int64_t> class_count;  // second of three columns; the same on each line
};

// A CSV with two (`id,class`) or three columns (`file,n_classes,class`), with or without a line of titles;
// else .npy. dataset.not_found, dataset.malformed (file and line), results.bad_npy.
Result<Labels> read_labels(const std::filesystem::path& path);

}  // namespace assay::dataset
