// That a dataset is read as it is: whole, unchanged meanwhile, and as its manifest says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"

namespace assay::config {
class Data;
}

namespace assay::dataset {

// Identity, size and time of a file: take() before reading, check() after.
class FileStamp {
 public:
  // base.file.
  static Result<FileStamp> take(const std::filesystem::path& path);
  // dataset.changed when the file was written, replaced or removed since.
  Status check() const;

 private:
  std::filesystem::path path_;
  uint64_t device_ = 0, inode_ = 0;
  int64_t bytes_ = 0, modified_ns_ = 0;
};

// read_bytes() of a file that must not change meanwhile. base.file, dataset.changed.
Result<std::vector<uint8_t>> read_unchanged(const std::filesystem::path& path);

// The files that [data] names, as far as they exist: the dataset when it is a file, tables of labels and
// slices (also y_labels.csv of a folder). The samples of a folder are stamped one by one as they are read.
std::vector<std::filesystem::path> named_files(const config::Data& data);

}  // namespace assay::dataset
