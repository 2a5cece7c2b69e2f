// A NumPy archive: a zip file of .npy entries, one per array.
#include <fmt/format.h>
#include <zip.h>

#include <cstring>
#include <memory>

#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/text_array.h"
#include "results/npy.h"

namespace assay::dataset {
namespace {

constexpr size_t kMaxArrayBytes = size_t{2} << 30;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;

Result<Archive> open_archive(const std::string& path) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return fail("dataset.malformed", fmt::format("not a readable .npz archive: {}", reason), path,
              "Write it with numpy.savez or numpy.savez_compressed.");
}

std::string arrays_of(zip_t* archive) {
  std::string names;
  for (zip_int64_t i = 0; i < std::min<zip_int64_t>(zip_get_num_entries(archive, 0), 20); ++i) {
    std::string_view name = zip_get_name(archive, i, 0) ? zip_get_name(archive, i, 0) : "?";
    if (name.ends_with(".npy")) name.remove_suffix(4);
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names.empty() ? "none" : names;
}

// Empty when the archive has no such array.
Result<std::vector<uint8_t>> read_array(zip_t* archive, const std::string& path, const std::string& name) {
  const std::string where = path + ":" + name;
  const zip_int64_t index = zip_name_locate(archive, (name + ".npy").c_str(), 0);
  if (index < 0) return std::vector<uint8_t>();
  std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(archive, index, 0));
  if (!entry)
    return fail("dataset.malformed", fmt::format("cannot unpack: {}", zip_strerror(archive)), where);
  // The sizes that the archive states may lie: memory follows what really comes out.
  std::vector<uint8_t> bytes;
  for (;;) {
    uint8_t chunk[65536];
    const zip_int64_t got = zip_fread(entry.get(), chunk, sizeof chunk);
    if (got < 0) {
      return fail("dataset.malformed", fmt::format("cannot unpack: {}", zip_file_strerror(entry.get())),
                  where, "The archive is damaged: write or copy it again.");
    }
    if (got == 0) break;
    bytes.insert(bytes.end(), chunk, chunk + got);
    if (bytes.size() > kMaxArrayBytes)
      return fail("dataset.malformed", "the array is larger than 2 GiB", where);
  }
  if (bytes.empty()) return fail("dataset.malformed", "the array is an empty file", where);
  return bytes;
}

Result<std::vector<uint8_t>> required_array(zip_t* archive, const std::string& path, const std::string& name,
                                            const char* key) {
  ASSAY_TRY(auto bytes, read_array(archive, path, name));
  if (!bytes.empty()) return bytes;
  return fail("dataset.not_found", fmt::format("no array '{}'; it holds: {}", name, arrays_of(archive)), path,
              fmt::format("Set `{}` in [data] to one of these arrays.", key));
}

Result<std::vector<int64_t>> integers(const TensorRows& array, const std::string& where) {
  const ElementType type = array.info.type;
  if (type == ElementType::kFloat32 || type == ElementType::kFloat64 || array.info.elements() != 1) {
    return fail("dataset.type",
                fmt::format("labels must be one integer per sample, the array holds {} of {} per sample",
                            element_name(type), array.info.elements()),
                where, "Store class numbers as an integer array of shape (samples,).");
  }
  std::vector<int64_t> values;
  for (size_t i = 0; i < array.rows(); ++i) {
    values.push_back(static_cast<int64_t>(stored_value(type, array.row(i).data())));
  }
  return values;
}

Status read_truth(zip_t* archive, const config::Data& data, Stored& stored) {
  if (!data.labels().empty()) return add_labels(data, stored);
  const std::string name = data.truth().empty() ? "y" : data.truth();
  std::vector<uint8_t> bytes;
  if (data.truth().empty()) {
    if (data.input() == name) return {};  // an array is not its own label
    ASSAY_TRY(bytes, read_array(archive, data.path(), name));
    if (bytes.empty()) return {};  // a dataset without labels
  } else {
    ASSAY_TRY(bytes, required_array(archive, data.path(), name, "truth"));
  }
  const std::string where = data.path() + ":" + name;
  ASSAY_TRY(const TensorRows array, results::parse_npy(bytes, where));
  ASSAY_TRY(stored.labels, integers(array, where));
  return {};
}

}  // namespace

Result<Stored> read_npz_dataset(const config::Data& data) {
  ASSAY_TRY(const Archive archive, open_archive(data.path()));
  Stored stored;
  const std::string input = data.input().empty() ? "x" : data.input();
  ASSAY_TRY(const auto inputs, required_array(archive.get(), data.path(), input, "input"));
  ASSAY_TRY(stored.inputs, results::parse_npy(inputs, data.path() + ":" + input));
  ASSAY_CHECK(read_truth(archive.get(), data, stored));
  if (!data.ids().empty()) {
    ASSAY_TRY(const auto ids, required_array(archive.get(), data.path(), data.ids(), "ids"));
    ASSAY_TRY(stored.ids, parse_text_array(ids, data.path() + ":" + data.ids()));
  }
  return stored;
}

}  // namespace assay::dataset
