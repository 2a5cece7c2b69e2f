#include "dataset/sds_metadata.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstring>

#include "base/files.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxValues = 4096;  // of a row

template <class T>
double read_as(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<double>(value);
}
template <class T>
constexpr SdsType type(const char* name) {
  return {name, sizeof(T), read_as<T>};
}
constexpr SdsType kTypes[] = {
    type<int8_t>("int8_t"),     type<uint8_t>("uint8_t"), type<int16_t>("int16_t"),
    type<uint16_t>("uint16_t"), type<int32_t>("int32_t"), type<uint32_t>("uint32_t"),
    type<float>("float"),       type<double>("double"),
};

class MetadataReader {
 public:
  explicit MetadataReader(fs::path file) : file_(std::move(file)) {}

  Result<SdsMetadata> read(const YAML::Node& root) {
    if (!root.IsMap() || !root["sds"].IsDefined() || !root["sds"].IsMap())
      return malformed("no mapping `sds`", root);
    const YAML::Node sds = root["sds"];
    if (sds["name"].IsDefined() && sds["name"].IsScalar()) found_.name = sds["name"].Scalar();
    for (const char* key : {"frequency", "sample-frequency"}) {
      ASSAY_TRY(found_.rate_hz, number(sds, key, found_.rate_hz));
    }
    if (found_.rate_hz < 0) return malformed("the frequency is below 0", sds);
    const YAML::Node content = sds["content"];
    if (!content.IsDefined() || !content.IsSequence() || content.size() == 0)
      return malformed("no list `content`", sds);
    for (const YAML::Node& entry : content) ASSAY_CHECK(read_entry(entry));
    return std::move(found_);
  }

  tl::unexpected<Error> malformed(std::string what, const YAML::Mark& mark) const {
    return fail("dataset.malformed", std::move(what),
                mark.line < 0 ? file_.string() : fmt::format("{}:{}", file_.string(), mark.line + 1),
                "Correct the description of the stream.");
  }

 private:
  tl::unexpected<Error> malformed(std::string what, const YAML::Node& node) const {
    return malformed(std::move(what), node.Mark());
  }

  tl::unexpected<Error> unread(std::string what, const YAML::Node& node) const {
    return fail("dataset.type", std::move(what), fmt::format("{}:{}", file_.string(), node.Mark().line + 1),
                "Convert the stream; docs/datasets.md lists what is read.");
  }

  Result<double> number(const YAML::Node& map, const char* key, double fallback) const {
    const YAML::Node node = map[key];
    if (!node.IsDefined()) return fallback;
    double value = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value))
      return malformed(fmt::format("`{}` is no number", key), node);
    return value;
  }

  Status read_entry(const YAML::Node& entry) {
    if (!entry.IsMap()) return malformed("an entry of `content` is no mapping", entry);
    if (entry["audio"].IsDefined()) return read_audio(entry["audio"]);
    if (entry["image"].IsDefined()) return unread("streams of pictures are not read", entry);
    if (!entry["value"].IsDefined() || !entry["value"].IsScalar() || !entry["type"].IsDefined() ||
        !entry["type"].IsScalar())
      return malformed("an entry of `content` has no `value` or `type`", entry);
    SdsValue value{entry["value"].Scalar(),
                   entry["unit"].IsDefined() && entry["unit"].IsScalar() ? entry["unit"].Scalar() : ""};
    ASSAY_TRY(value.type, type_of(entry["type"]));
    ASSAY_TRY(value.scale, number(entry, "scale", 1));
    ASSAY_TRY(value.offset, number(entry, "offset", 0));
    ASSAY_TRY(const double x, number(entry, "dim-x", 1));
    ASSAY_TRY(const double y, number(entry, "dim-y", 1));
    if (!(x >= 1 && y >= 1 && x * y <= kMaxValues)) return malformed("dim-x or dim-y is no size", entry);
    const auto count = static_cast<size_t>(x * y);
    for (size_t i = 0; i < count; ++i) {
      SdsValue one = value;
      if (count > 1) one.name = fmt::format("{}[{}]", value.name, i);
      ASSAY_CHECK(add(std::move(one), entry));
    }
    return {};
  }

  Status read_audio(const YAML::Node& audio) {
    if (!audio.IsMap()) return malformed("`audio` is no mapping", audio);
    ASSAY_TRY(found_.rate_hz, number(audio, "sample-frequency", 0));
    ASSAY_TRY(const double bits, number(audio, "bit-depth", 0));
    ASSAY_TRY(const double channels, number(audio, "audio-channels", 0));
    const SdsType* kept = bits == 8    ? &kTypes[0]
                          : bits == 16 ? &kTypes[2]
                          : bits == 32 ? &kTypes[4]
                                       : nullptr;
    if (!kept) return unread(fmt::format("sound of {} bits is not read, only 8, 16 and 32", bits), audio);
    if (!(channels >= 1 && channels <= 64))
      return malformed("`audio-channels` is no number of channels", audio);
    found_.audio = true;
    for (int i = 0; i < static_cast<int>(channels); ++i)
      ASSAY_CHECK(add({fmt::format("channel {}", i), "", kept}, audio));
    return {};
  }

  Status add(SdsValue value, const YAML::Node& node) {
    if (found_.values.size() >= kMaxValues)
      return malformed(fmt::format("more than {} values a row", kMaxValues), node);
    found_.values.push_back(std::move(value));
    return {};
  }

  Result<const SdsType*> type_of(const YAML::Node& node) const {
    for (const SdsType& type : kTypes) {
      if (node.Scalar() == type.name) return &type;
    }
    if (node.Scalar().find(':') != std::string::npos)
      return unread(fmt::format("bit fields such as {} are not read", node.Scalar()), node);
    return unread(fmt::format("'{}' is no type of value that is read", node.Scalar()), node);
  }

  fs::path file_;
  SdsMetadata found_;
};

}  // namespace

size_t SdsMetadata::row_bytes() const {
  size_t bytes = 0;
  for (const SdsValue& value : values) bytes += value.type->bytes;
  return bytes;
}

Result<SdsMetadata> read_sds_metadata(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    return fail("dataset.not_found", "no description of the stream", file.string(),
                "Copy the stream's .sds.yml beside its recordings.");
  ASSAY_TRY(const std::string text, read_text(file));
  MetadataReader reader(file);
  if (text.size() > kMaxBytes)
    return reader.malformed("the description is larger than 1 MiB", YAML::Mark::null_mark());
  // The library throws.
  try {
    return reader.read(YAML::Load(text));
  } catch (const YAML::Exception& exception) {
    return reader.malformed(fmt::format("no YAML: {}", exception.msg), exception.mark);
  }
}

fs::path sds_metadata_of(const fs::path& recording, const fs::path& folder) {
  // Gyro.0.sds -> Gyro.0 -> Gyro
  const std::string name = recording.stem().stem().string() + ".sds.yml";
  std::error_code error;
  const fs::path beside = recording.parent_path() / name;
  return fs::is_regular_file(beside, error) ? beside : folder / name;
}

}  // namespace assay::dataset
