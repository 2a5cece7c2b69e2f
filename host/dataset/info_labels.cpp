#include "dataset/info_labels.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kFile = "info.labels";

class EntryReader {
 public:
  EntryReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  Result<InfoEntry> read() {
    InfoEntry entry;
    ASSAY_TRY(entry.path, text(json_, "path"));
    if (json_.contains("category") && json_["category"].is_string()) entry.category = json_["category"];
    if (json_.contains("label")) ASSAY_CHECK(read_label(json_["label"], entry));
    if (!json_.contains("metadata") || !json_["metadata"].is_object()) return entry;
    for (const auto& [key, value] : json_["metadata"].items())
      entry.metadata[key] = value.is_string() ? value.get<std::string>()
                                              : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return entry;
  }

 private:
  tl::unexpected<Error> malformed(std::string what) const {
    return fail("dataset.malformed", std::move(what), where_,
                "Export the dataset again, or correct the entry.");
  }

  Result<std::string> text(const Json& object, const char* key) const {
    if (object.is_object() && object.contains(key) && object[key].is_string())
      return object[key].get<std::string>();
    return malformed(fmt::format("the entry has no text '{}'", key));
  }

  // Old exports have the label as a bare text.
  Status read_label(const Json& label, InfoEntry& entry) const {
    if (label.is_string()) {
      entry.labels.push_back({label.get<std::string>()});
      return {};
    }
    ASSAY_TRY(const std::string type, text(label, "type"));
    if (type == "unlabeled") return {};
    if (type == "label") {
      ASSAY_TRY(std::string name, text(label, "label"));
      entry.labels.push_back({std::move(name)});
      return {};
    }
    if (type != "multi-label" || !label.contains("labels") || !label["labels"].is_array())
      return malformed(fmt::format("no label of type '{}' is known", type));
    for (const Json& part : label["labels"]) {
      ASSAY_TRY(std::string name, text(part, "label"));
      const auto index = [&](const char* key) {
        return part.contains(key) && part[key].is_number_integer() ? part[key].get<int64_t>() : int64_t{-1};
      };
      const InfoLabel span{std::move(name), index("startIndex"), index("endIndex")};
      if (span.first < 0 || span.last < span.first)
        return malformed(fmt::format("label '{}' has no range startIndex <= endIndex", span.label));
      if (!entry.labels.empty() && span.first <= entry.labels.back().last)
        return malformed(fmt::format("label '{}' begins before the one before it ends", span.label));
      entry.labels.push_back(span);
    }
    return {};
  }

  const Json& json_;
  std::string where_;
};

Status read_file(const fs::path& file, const fs::path& prefix, std::vector<InfoEntry>& entries) {
  ASSAY_TRY(const std::string text, read_text(file));
  const Json json = Json::parse(text, nullptr, false);
  const auto malformed = [&](std::string what) {
    return fail("dataset.malformed", std::move(what), file.string(), "Export the dataset again.");
  };
  if (json.is_discarded()) return malformed("the table of labels is no JSON");
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array())
    return malformed("the table of labels has no list `files`");
  if (json.value("version", Json()) != 1) return malformed("the table of labels is not of version 1");
  for (size_t i = 0; i < json["files"].size(); ++i) {
    ASSAY_TRY(InfoEntry entry,
              EntryReader(json["files"][i], fmt::format("{}:files[{}]", file.string(), i)).read());
    if (!prefix.empty()) {
      // Exports name the files of training/info.labels with and without the folder.
      if (!entry.path.starts_with(prefix.string() + "/")) entry.path = (prefix / entry.path).generic_string();
      if (entry.category.empty()) entry.category = prefix.string();
    }
    entries.push_back(std::move(entry));
  }
  return {};
}

}  // namespace

Result<std::optional<std::vector<InfoEntry>>> read_info_labels(const fs::path& folder) {
  std::vector<InfoEntry> entries;
  std::error_code error;
  bool any = false;
  for (const char* below : {"", "training", "testing"}) {
    const fs::path file = folder / below / kFile;
    if (!fs::is_regular_file(file, error)) continue;
    ASSAY_CHECK(read_file(file, below, entries));
    any = true;
    if (*below == '\0') break;
  }
  if (!any) return std::nullopt;
  return entries;
}

}  // namespace assay::dataset
