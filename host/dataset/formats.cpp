#include "dataset/formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = size_t{2} << 30;

constexpr Format kFormats[] = {
    {"raw",
     "folder with one file of raw little-endian values per sample (*.bin); y_labels.csv names and labels "
     "them",
     ".bin", false, true, read_raw_folder},
    {"csv", "table with a line of titles, one row a sample: inputs, label, id and slices are columns", ".csv",
     true, false, read_csv_dataset},
    {"npy", "one NumPy array, first dimension = sample; labels beside it as CSV or .npy", ".npy", true, false,
     read_npy_dataset},
    {"npz", "NumPy archive with arrays of inputs, labels and ids", ".npz", true, false, read_npz_dataset},
    {"wav", "sound, one file a sample: 8, 16, 24 and 32 bits, float; a table of labels or a folder per class",
     ".wav .wave", true, true, read_wav_dataset},
    {"image", "PNG and JPEG, grey or RGB, one file a sample; a table of labels or a folder per class",
     ".png .jpg .jpeg", true, true, read_image_dataset},
    {"edge_impulse", "recordings in the data acquisition format of Edge Impulse, JSON or CBOR, info.labels",
     ".json .cbor", true, true, read_edge_impulse},
    {"sds", "Arm Synchronous Data Streaming: *.sds recordings, each stream described by its *.sds.yml",
     ".sds", true, true, read_sds_dataset},
};

bool has_extension(const Format& format, const fs::path& path) {
  std::string wanted = path.extension().string();
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  const std::string_view all = format.extensions;
  for (size_t begin = 0; begin < all.size() && !wanted.empty();) {
    const size_t end = std::min(all.find(' ', begin), all.size());
    if (all.substr(begin, end - begin) == wanted) return true;
    begin = end + 1;
  }
  return false;
}

// JSON may be anything: only its beginning tells a recording from a note that lies beside the samples.
bool is_note(const fs::path& path) {
  if (path.extension() != ".json") return false;
  char start[512] = {};
  std::ifstream(path, std::ios::binary).read(start, sizeof start - 1);
  const std::string_view text = start;
  return text.find("\"protected\"") == text.npos && text.find("\"payload\"") == text.npos;
}

// How many files of each format the folder holds, hidden ones aside.
Result<std::map<const Format*, int64_t>> inventory(const fs::path& folder) {
  std::map<const Format*, int64_t> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
      continue;
    }
    for (const Format& format : kFormats) {
      if (format.folder && has_extension(format, entry->path()) && entry->is_regular_file(error) &&
          !is_note(entry->path()))
        ++found[&format];
    }
  }
  if (error)
    return fail("dataset.not_found", fmt::format("cannot list the folder: {}", error.message()),
                folder.string());
  return found;
}

Result<const Format*> format_of_folder(const fs::path& folder) {
  ASSAY_TRY(const auto found, inventory(folder));
  if (found.empty()) return &kFormats[0];  // whose reader says that there is no sample
  if (found.size() == 1) return found.begin()->first;
  std::vector<std::string> counts;
  for (const auto& [format, count] : found) counts.push_back(fmt::format("{} {}", count, format->name));
  return fail("dataset.mixed", fmt::format("the folder mixes formats: {} files", fmt::join(counts, ", ")),
              folder.string());
}

}  // namespace

std::span<const Format> formats() { return kFormats; }

Result<const Format*> find_format(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return fail("dataset.not_found", "the dataset does not exist", path.string(),
                "Correct `path` in [data].");
  }
  if (fs::is_directory(path, error)) return format_of_folder(path);
  std::vector<std::string> names;
  for (const Format& format : kFormats) {
    if (format.file && has_extension(format, path)) return &format;
    names.push_back(format.name);
  }
  return fail("dataset.type",
              fmt::format("no reader for this kind of file; there are: {}", fmt::join(names, ", ")),
              path.string(), "Convert the dataset to .csv, .npy or .npz.");
}

Status Stored::add_sample(std::string id, const std::vector<int64_t>& dims, std::span<const uint8_t> bytes) {
  if (inputs.data.size() + bytes.size() > kMaxBytes)
    return fail("dataset.malformed", "the samples take more than 2 GiB", id, "Split the dataset.");
  if (ids.empty()) inputs.info.dims = dims;
  if (shapes.empty() && dims != inputs.info.dims) shapes.assign(ids.size(), inputs.info.dims);
  if (!shapes.empty()) shapes.push_back(dims);
  inputs.data.insert(inputs.data.end(), bytes.begin(), bytes.end());
  ids.push_back(std::move(id));
  return {};
}

}  // namespace assay::dataset
