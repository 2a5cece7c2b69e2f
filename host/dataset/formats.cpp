#include "dataset/formats.h"

namespace assay::dataset {
namespace {

bool is_folder(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}
bool is_csv(const std::filesystem::path& path) { return !is_folder(path) && path.extension() == ".csv"; }
bool is_npy(const std::filesystem::path& path) { return !is_folder(path) && path.extension() == ".npy"; }
bool is_npz(const std::filesystem::path& path) { return !is_folder(path) && path.extension() == ".npz"; }

constexpr Format kFormats[] = {
    {"raw",
     "folder with one file of raw little-endian values per sample (*.bin); y_labels.csv names and labels "
     "them",
     is_folder, read_raw_folder},
    {"csv", "table with a line of titles, one row a sample: inputs, label, id and slices are columns", is_csv,
     read_csv_dataset},
    {"npy", "one NumPy array, first dimension = sample; labels beside it as CSV or .npy", is_npy,
     read_npy_dataset},
    {"npz", "NumPy archive with arrays of inputs, labels and ids", is_npz, read_npz_dataset},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

}  // namespace assay::dataset
