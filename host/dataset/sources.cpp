#include "dataset/sources.h"

#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.h"
#include "config/profile.pb.h"

namespace assay::dataset {
namespace fs = std::filesystem;

Result<FileStamp> FileStamp::take(const fs::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0)
    return fail("base.file", fmt::format("cannot read {}: {}", path.string(), strerror(errno)));
  FileStamp stamp;
  stamp.path_ = path;
  stamp.device_ = found.st_dev;
  stamp.inode_ = found.st_ino;
  stamp.bytes_ = found.st_size;
  stamp.modified_ns_ = int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  return stamp;
}

Status FileStamp::check() const {
  const char* change = "was removed";
  if (const auto now = take(path_)) {
    if (now->bytes_ != bytes_) {
      change = "changed its size";
    } else if (now->device_ != device_ || now->inode_ != inode_) {
      change = "was replaced";
    } else if (now->modified_ns_ != modified_ns_) {
      change = "was written";
    } else {
      return {};
    }
  }
  return fail("dataset.changed", fmt::format("the file {} while it was read", change), path_.string(),
              "Wait until whatever writes the file is done, then run again.");
}

Result<std::vector<uint8_t>> read_unchanged(const fs::path& path) {
  ASSAY_TRY(const FileStamp stamp, FileStamp::take(path));
  ASSAY_TRY(auto bytes, read_bytes(path));
  ASSAY_CHECK(stamp.check());
  return bytes;
}

std::vector<fs::path> named_files(const config::Data& data) {
  std::vector<fs::path> files;
  const fs::path path = data.path();
  for (const fs::path& file :
       {path, path / "y_labels.csv", fs::path(data.labels()), fs::path(data.slices())}) {
    std::error_code error;
    if (!file.empty() && fs::is_regular_file(file, error)) files.push_back(file);
  }
  return files;
}

}  // namespace assay::dataset
