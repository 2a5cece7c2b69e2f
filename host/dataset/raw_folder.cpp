// A folder of raw tensors, as MLPerf Tiny keeps its inputs.
#include <fmt/format.h>

#include <algorithm>

#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/labels.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::string>> samples_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    if (path.extension() == ".bin" && fs::is_regular_file(path, error))
      names.push_back(path.filename().string());
  }
  if (error)
    return fail("dataset.not_found", fmt::format("cannot list the folder: {}", error.message()),
                folder.string());
  std::sort(names.begin(), names.end());
  return names;
}

// Names come from a table: they must stay inside the folder.
bool leaves_folder(const fs::path& name) {
  return name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end();
}

Status append_sample(const fs::path& folder, const std::string& name, size_t& row_bytes,
                     std::vector<uint8_t>& into) {
  const fs::path path = folder / name;
  std::error_code error;
  if (name.empty() || leaves_folder(name) || !fs::is_regular_file(path, error)) {
    return fail("dataset.not_found",
                fmt::format("the table of labels names '{}', which the folder does not hold", name),
                folder.string(), "Copy the missing file, or remove its line from the table of labels.");
  }
  ASSAY_TRY(const auto bytes, read_unchanged(path));
  if (bytes.empty())
    return fail("dataset.shape", "the file is empty", path.string(), "Write one whole sample per file.");
  if (row_bytes == 0) row_bytes = bytes.size();
  if (bytes.size() != row_bytes) {
    return fail("dataset.shape", fmt::format("{} bytes, the files before have {}", bytes.size(), row_bytes),
                path.string(), "All samples of a dataset have one shape: write one whole sample per file.");
  }
  into.insert(into.end(), bytes.begin(), bytes.end());
  return {};
}

}  // namespace

Result<Stored> read_raw_folder(const config::Data& data) {
  const fs::path folder = data.path();
  Stored stored;
  std::error_code error;
  fs::path table = data.labels();
  if (table.empty() && fs::exists(folder / "y_labels.csv", error)) table = folder / "y_labels.csv";
  if (!table.empty()) {
    const ClassNames classes({data.classes().begin(), data.classes().end()});
    ASSAY_TRY(Labels labels, read_labels(table, classes));
    stored.labels = std::move(labels.values);
    stored.ids = std::move(labels.ids);
    stored.class_count = labels.class_count;
    stored.slices = std::move(labels.slices);
  }
  if (stored.ids.empty()) {
    ASSAY_TRY(stored.ids, samples_of(folder));
  }
  size_t row_bytes = 0;
  for (const std::string& name : stored.ids)
    ASSAY_CHECK(append_sample(folder, name, row_bytes, stored.inputs.data));
  stored.untyped = true;
  stored.inputs.info.type = ElementType::kUint8;
  stored.inputs.info.dims = {1, static_cast<int64_t>(row_bytes)};
  return stored;
}

}  // namespace assay::dataset
