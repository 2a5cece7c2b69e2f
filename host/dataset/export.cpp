#include "dataset/export.h"

#include <fmt/format.h>
#include <zip.h>

#include <cmath>

#include "base/files.h"
#include "config/profile.pb.h"
#include "dataset/manifest.h"
#include "dataset/text_array.h"
#include "results/csv.h"
#include "results/npy.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

constexpr const char* kArchive = "samples.npz";
constexpr const char* kSlices = "slices.csv";

Status must_be_new(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) || (fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    return {};
  return fail("dataset.exists", "the folder holds something already", folder.string());
}

tl::unexpected<Error> cannot_write(const fs::path& path, const char* reason) {
  return fail("base.file", fmt::format("cannot write {}: {}", path.string(), reason));
}

// The buffers must live until the archive is closed.
Status write_archive(const fs::path& path,
                     const std::vector<std::pair<std::string, std::vector<uint8_t>>>& arrays) {
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_EXCL, &code);
  if (!archive) return cannot_write(path, "no archive can be made there");
  for (const auto& [name, bytes] : arrays) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const zip_int64_t index =
        source ? zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) {
      if (source) zip_source_free(source);
      zip_discard(archive);
      return cannot_write(path, "out of memory");
    }
    // The same bytes whenever it is written.
    zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), 315532800, 0);  // 1980-01-01
  }
  if (zip_close(archive) == 0) return {};
  const std::string reason = zip_strerror(archive);
  zip_discard(archive);
  return cannot_write(path, reason.c_str());
}

Status write_slices(const Dataset& dataset, const fs::path& path) {
  results::CsvRow titles = {"id"};
  for (const SliceColumn& column : dataset.slices) titles.push_back(column.name);
  std::string text = results::csv_line(titles);
  for (size_t i = 0; i < dataset.count(); ++i) {
    results::CsvRow row = {dataset.ids[i]};
    for (const SliceColumn& column : dataset.slices) row.push_back(column.values[i]);
    text += results::csv_line(row);
  }
  return write_file(path, text);
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    out += byte < 0x20 || byte == 0x7f ? fmt::format("\\u{:04x}", byte) : std::string(1, c);
  }
  return out + "\"";
}

template <class T, class Text>
void add_list(std::string& toml, const char* key, const std::vector<T>& values, Text&& text) {
  if (values.empty()) return;
  toml += fmt::format("{} = [", key);
  for (size_t i = 0; i < values.size(); ++i) toml += (i ? ", " : "") + text(values[i]);
  toml += "]\n";
}

std::string data_toml(const Dataset& dataset) {
  const auto number = [](double value) {
    const std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  };
  std::string toml = fmt::format("# {} samples of {}, format {}, hash {}\n", dataset.count(),
                                 quoted(dataset.name), dataset.format, dataset.hash);
  if (!dataset.choice.empty()) toml += fmt::format("# chosen: {}\n", quoted(dataset.choice));
  if (!dataset.preprocess.empty()) toml += fmt::format("# prepared by {}\n", quoted(dataset.preprocess));
  toml += fmt::format("[data]\npath = \"{}\"\nids = \"ids\"\n", kArchive);
  if (!dataset.slices.empty()) toml += fmt::format("slices = \"{}\"\n", kSlices);
  add_list(toml, "classes", dataset.classes, quoted);
  add_list(toml, "channels", dataset.channels, quoted);
  if (!dataset.kind.empty()) toml += fmt::format("kind = {}\n", quoted(dataset.kind));
  if (dataset.rate_hz > 0) toml += fmt::format("rate_hz = {}\n", number(dataset.rate_hz));
  if (dataset.quantised) toml += "quantised = true\n";
  const bool one = dataset.scale.size() == 1 && dataset.zero_point[0] == std::floor(dataset.zero_point[0]);
  if (one) {
    toml += fmt::format("scale = {}\nzero_point = {:.0f}\n", number(dataset.scale[0]), dataset.zero_point[0]);
  } else {
    add_list(toml, "channel_scale", dataset.scale, number);
    add_list(toml, "channel_zero_point", dataset.zero_point, number);
  }
  if (!dataset.source.empty()) toml += fmt::format("source = {}\n", quoted(dataset.source));
  return toml;
}

}  // namespace

Status export_dataset(const Dataset& dataset, const fs::path& folder) {
  ASSAY_CHECK(must_be_new(folder));
  std::vector<std::pair<std::string, std::vector<uint8_t>>> arrays;
  ASSAY_TRY(auto inputs, results::npy_bytes(dataset.inputs));
  arrays.emplace_back("x", std::move(inputs));
  if (dataset.labelled()) {
    TensorRows labels;
    labels.info.type = ElementType::kInt32;
    labels.info.dims = {1};
    const auto* bytes = reinterpret_cast<const uint8_t*>(dataset.labels.data());
    static_assert(sizeof(int) == 4);
    labels.data.assign(bytes, bytes + dataset.labels.size() * sizeof(int));
    ASSAY_TRY(auto y, results::npy_bytes(labels));
    arrays.emplace_back("y", std::move(y));
  }
  ASSAY_TRY(auto ids, text_array_bytes(dataset.ids));
  arrays.emplace_back("ids", std::move(ids));
  ASSAY_CHECK(make_directories(folder));
  ASSAY_CHECK(write_archive(folder / kArchive, arrays));
  if (!dataset.slices.empty()) ASSAY_CHECK(write_slices(dataset, folder / kSlices));
  ASSAY_CHECK(write_file(folder / "data.toml", data_toml(dataset)));
  config::Data data;
  data.set_path((folder / kArchive).string());
  if (!dataset.slices.empty()) data.set_slices((folder / kSlices).string());
  const auto written = write_manifests(data);
  return written ? Status() : fail(written.error());
}

}  // namespace assay::dataset
