// The samples of a call as .npy files: each set of rows is hashed and written once, whoever reads it.
//
// Every runtime of the R1 set gets the same rows; ten thousand samples are written and hashed for all of them
// together.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "base/scratch_folder.h"
#include "base/tensor.h"

namespace assay::reference {

class InputsFiles {
 public:
  // The content of `rows`, as for the cache's key. Safe from several threads, as file() is.
  std::string hash(const TensorRows& rows);
  // A file that holds them; it exists as long as this object. base.file, base.disk_full.
  Result<std::filesystem::path> file(const TensorRows& rows);

 private:
  std::mutex mutex_;
  ScratchFolder folder_;  // made with the first file
  std::map<const TensorRows*, std::string> hashes_;
  std::map<const TensorRows*, std::filesystem::path> files_;
};

}  // namespace assay::reference
