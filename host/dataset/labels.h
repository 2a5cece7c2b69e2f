// Tables beside the samples: labels, and columns to slice by.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dataset/class_names.h"
#include "dataset/dataset.h"

namespace assay::dataset {

struct Labels {
  std::vector<std::string> ids;  // empty for .npy
  std::vector<int64_t> values;
  std::optional<int64_t> class_count;  // of column n_classes; the same on each line
  std::vector<SliceColumn> slices;     // the other columns
  // Of the form `file,n_classes,class,bytes,stride`: a file holds windows of so many bytes, one every stride.
  std::vector<int64_t> window_bytes, stride_bytes;
};

// A CSV, else a one-dimensional .npy of class numbers. Without a line of titles a CSV is MLPerf Tiny's
// `file,n_classes,class`, the same with `bytes,stride` behind it, or `id,class`. With titles: the id is the
// column `id` or `file`, else the first; the label `label`, `class` or `y`, else the last of at most three;
// `n_classes` may be there; every other column is one to slice by. dataset.not_found, dataset.malformed and
// dataset.label_range (file and line), results.bad_npy.
Result<Labels> read_labels(const std::filesystem::path& path, const ClassNames& classes);

// A CSV with titles, all of whose columns but `id` or `file` are columns to slice by. With ids, its lines are
// put into the order of `ids`; without, line i is sample i. dataset.not_found, dataset.malformed,
// dataset.label_missing (a sample without line).
Result<std::vector<SliceColumn>> read_slices(const std::filesystem::path& path,
                                             const std::vector<std::string>& ids);

}  // namespace assay::dataset
