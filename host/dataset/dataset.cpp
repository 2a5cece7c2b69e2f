#include "dataset/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>
#include <unordered_map>

#include "base/digest.h"
#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/labels.h"
#include "dataset/manifest.h"
#include "dataset/preprocess.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

// Raw bytes get the type that [data] states.
Status apply_type(const config::Data& data, Stored& stored) {
  if (data.type().empty()) return {};
  ASSAY_TRY(const ElementType type, element_type(data.type()));
  TensorInfo& info = stored.inputs.info;
  if (!stored.untyped) {
    if (info.type == type) return {};
    return fail(
        "dataset.type",
        fmt::format("[data] says type {}, the file holds {}", element_name(type), element_name(info.type)),
        data.path(), "Remove `type`: this format states its own.");
  }
  const auto size = static_cast<int64_t>(element_size(type));
  const int64_t bytes = info.elements();
  if (bytes % size != 0) {
    return fail("dataset.shape",
                fmt::format("{} bytes a sample are no whole number of {} ({} bytes each)", bytes,
                            element_name(type), size),
                data.path(), "Correct `type` in [data].");
  }
  info.type = type;
  info.dims = {1, bytes / size};
  stored.untyped = false;
  return {};
}

Status check_finite(const TensorRows& rows, const std::vector<std::string>& ids, const std::string& path) {
  if (rows.info.type != ElementType::kFloat32 && rows.info.type != ElementType::kFloat64) return {};
  const size_t size = element_size(rows.info.type), each = static_cast<size_t>(rows.info.elements());
  for (size_t i = 0; i < rows.data.size() / size; ++i) {
    const double value = stored_value(rows.info.type, rows.data.data() + i * size);
    if (!std::isfinite(value)) {
      return fail("dataset.nan", fmt::format("{} at element {} of sample {}", value, i % each, ids[i / each]),
                  path, "Repair or remove the sample.");
    }
  }
  return {};
}

Status check_labels(const Stored& stored, const config::Data& data) {
  if (stored.labels.empty()) return {};
  if (stored.labels.size() != stored.count()) {
    return fail("dataset.label_missing",
                fmt::format("{} labels for {} samples", stored.labels.size(), stored.count()), data.path(),
                "Give each sample one label, in the order of the samples.");
  }
  int64_t classes = data.classes_size();
  if (classes > 0 && stored.class_count.value_or(classes) != classes) {
    return fail(
        "dataset.class_count",
        fmt::format("the table of labels states {} classes, [data] lists {}", *stored.class_count, classes),
        data.path());
  }
  if (classes == 0) classes = stored.class_count.value_or(int64_t{1} << 20);
  for (size_t i = 0; i < stored.labels.size(); ++i) {
    if (stored.labels[i] >= 0 && stored.labels[i] < classes) continue;
    return fail(
        "dataset.label_range",
        fmt::format("label {} of sample {} is not in 0..{}", stored.labels[i], stored.ids[i], classes - 1),
        data.path(), "Correct the label, or list every class in `classes` of [data].");
  }
  return {};
}

Status name_samples(Stored& stored, const std::string& path) {
  const size_t count = stored.count();
  if (stored.ids.empty()) {
    for (size_t i = 0; i < count; ++i) stored.ids.push_back(std::to_string(i));
  }
  if (stored.ids.size() != count)
    return fail("dataset.label_missing", fmt::format("{} names for {} samples", stored.ids.size(), count),
                path, "Give each sample one line of the table, or one id.");
  std::unordered_map<std::string_view, size_t> seen;
  for (size_t i = 0; i < count; ++i) {
    const auto [first, fresh] = seen.emplace(stored.ids[i], i);
    if (!fresh)
      return fail("dataset.duplicate_id",
                  fmt::format("samples {} and {} are both called '{}'", first->second, i, stored.ids[i]),
                  path);
  }
  return {};
}

// One shape, whether the samples came with it or steps gave it to them.
Status check_shapes(const Stored& stored, const std::string& path) {
  for (size_t i = 0; i < stored.shapes.size(); ++i) {
    if (stored.shapes[i] == stored.shapes[0]) continue;
    const auto text = [&](size_t sample) {
      const auto& dims = stored.shapes[sample];
      return fmt::format("{}", fmt::join(dims.begin() + 1, dims.end(), "x"));
    };
    return fail(
        "dataset.shape",
        fmt::format("sample '{}' is {}, '{}' is {}", stored.ids[i], text(i), stored.ids[0], text(0)), path,
        "All samples have one shape: add a step `resize`, `crop` or `window` to [data.preprocess], or "
        "correct the files.");
  }
  return {};
}

Status read_scale(const config::Data& data, Dataset& dataset) {
  const auto zero_points = data.channel_zero_point_size();
  if (data.channel_scale_size() == 0) {
    if (zero_points > 0)
      return fail("dataset.type", "channel_zero_point without channel_scale in [data]", data.path());
    if (data.scale() != 0) {
      dataset.scale = {data.scale()};
      dataset.zero_point = {static_cast<double>(data.zero_point())};
    }
    return {};
  }
  return set_channel_scale(dataset, {data.channel_scale().begin(), data.channel_scale().end()},
                           {data.channel_zero_point().begin(), data.channel_zero_point().end()});
}

// One value a sample in each column, whose names differ; `slices` of [data] adds its columns.
Status add_slices(const config::Data& data, Stored& stored) {
  if (!data.slices().empty()) {
    ASSAY_TRY(auto columns, read_slices(data.slices(), stored.ids));
    for (SliceColumn& column : columns) stored.slices.push_back(std::move(column));
  }
  std::set<std::string> names;
  for (const SliceColumn& column : stored.slices) {
    if (!names.insert(column.name).second)
      return fail("dataset.malformed", fmt::format("two columns to slice by are called '{}'", column.name),
                  data.path(), "Rename one of them.");
  }
  return {};
}

// Nothing is believed of a dataset that its manifest contradicts, or that somebody writes meanwhile.
Result<Stored> read_checked(const config::Data& data, const Format& format) {
  std::vector<FileStamp> stamps;
  for (const auto& file : named_files(data)) {
    ASSAY_TRY(FileStamp stamp, FileStamp::take(file));
    stamps.push_back(std::move(stamp));
  }
  ASSAY_TRY(const int64_t vouched, verify_manifests(data));
  auto stored = format.read(data);
  // A file that was cut while it was read is malformed only for that reason.
  for (const FileStamp& stamp : stamps) ASSAY_CHECK(stamp.check());
  if (stored) stored->vouched_files = vouched;
  return stored;
}

// Equal content has an equal hash, whatever file holds it; how it was prepared is part of it.
std::string content_hash(const Stored& stored, const std::string& steps) {
  std::string text =
      fmt::format("{} {}\n", element_name(stored.inputs.info.type), stored.inputs.info.shape());
  text += sha256_hex(stored.inputs.data) + "\n";
  for (int64_t label : stored.labels) text += fmt::format("{}\n", label);
  for (const std::string& id : stored.ids) text += id + "\n";
  return sha256_hex(text + steps);
}

}  // namespace

Status set_channel_scale(Dataset& dataset, std::vector<double> scale, std::vector<double> zero_point) {
  if (zero_point.empty()) zero_point.assign(scale.size(), 0);
  const size_t channels =
      dataset.untyped ? scale.size() : static_cast<size_t>(dataset.inputs.info.dims.back());
  if (scale.size() != channels || zero_point.size() != channels) {
    return fail(
        "dataset.type",
        fmt::format("channel_scale has {} values and channel_zero_point {}, the last dimension of {} is {}",
                    scale.size(), zero_point.size(), dataset.inputs.info.shape(), channels),
        dataset.name, "Write one value per channel.");
  }
  dataset.scale = std::move(scale);
  dataset.zero_point = std::move(zero_point);
  return {};
}

Result<Dataset> open_dataset(const config::Data& data) {
  ASSAY_TRY(const Format* format, find_format(data.path()));
  ASSAY_TRY(Stored stored, read_checked(data, *format));
  if (stored.count() == 0) {
    return fail("dataset.empty", "the dataset holds no sample", data.path(),
                "Name a file or folder that holds samples.");
  }
  ASSAY_CHECK(apply_type(data, stored));
  ASSAY_CHECK(name_samples(stored, data.path()));
  ASSAY_CHECK(add_slices(data, stored));
  ASSAY_CHECK(check_labels(stored, data));
  ASSAY_CHECK(preprocess(data, stored));
  ASSAY_CHECK(check_shapes(stored, data.path()));
  ASSAY_CHECK(check_finite(stored.inputs, stored.ids, data.path()));

  Dataset dataset;
  dataset.preprocess = preprocess_text(data);
  dataset.hash = content_hash(stored, dataset.preprocess);
  dataset.vouched_files = stored.vouched_files;
  dataset.name = std::filesystem::path(data.path()).stem().string();
  dataset.format = format->name;
  dataset.untyped = stored.untyped;
  dataset.quantised = data.quantised();
  dataset.inputs = std::move(stored.inputs);
  dataset.labels.assign(stored.labels.begin(), stored.labels.end());
  dataset.ids = std::move(stored.ids);
  dataset.slices = std::move(stored.slices);
  for (size_t i = 0; i < dataset.count(); ++i) dataset.rows.push_back(static_cast<int64_t>(i));
  dataset.classes.assign(data.classes().begin(), data.classes().end());
  if (dataset.classes.empty()) dataset.classes = std::move(stored.classes);
  dataset.channels.assign(data.channels().begin(), data.channels().end());
  const bool same_channels =
      stored.channels.size() == static_cast<size_t>(dataset.inputs.info.dims.back());  // no step changed them
  if (dataset.channels.empty() && same_channels) dataset.channels = std::move(stored.channels);
  dataset.kind = data.kind().empty() ? stored.kind : data.kind();
  dataset.source = data.source();
  dataset.rate_hz = data.rate_hz() > 0 ? data.rate_hz() : stored.rate_hz;
  ASSAY_CHECK(read_scale(data, dataset));
  return dataset;
}

}  // namespace assay::dataset
