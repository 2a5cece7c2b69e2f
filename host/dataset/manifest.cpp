#include "dataset/manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/digest.h"
#include "base/files.h"
#include "config/profile.pb.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "assay.dataset_manifest";
constexpr size_t kShown = 5;

bool leaves_folder(const fs::path& name) {
  return name.empty() || name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end();
}

// nullopt: not an entry.
std::optional<ManifestEntry> entry_of(const Json& json) {
  if (!json.is_object() || !json.contains("file") || !json["file"].is_string() || !json.contains("sha256") ||
      !json["sha256"].is_string() || !json.contains("bytes") || !json["bytes"].is_number_integer()) {
    return std::nullopt;
  }
  ManifestEntry entry{json["file"].get<std::string>(), json["bytes"].get<int64_t>(),
                      json["sha256"].get<std::string>()};
  if (leaves_folder(entry.file)) return std::nullopt;
  return entry;
}

// What differs, in words; empty: nothing.
Result<std::string> difference(const fs::path& folder, const ManifestEntry& entry) {
  const fs::path path = folder / entry.file;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return fmt::format("{} is missing", entry.file);
  const auto bytes = static_cast<int64_t>(fs::file_size(path, error));
  if (bytes != entry.bytes)
    return fmt::format("{} has {} bytes instead of {}", entry.file, bytes, entry.bytes);
  ASSAY_TRY(const std::string hash, sha256_file(path));
  return hash == entry.sha256 ? std::string() : fmt::format("{} has other contents", entry.file);
}

// Files of a folder dataset, relative to it, sorted. Hidden ones, temporaries and the manifest are no part of
// it.
Result<std::set<std::string>> files_below(const fs::path& folder) {
  std::set<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const fs::path name = entry->path().filename();
    if (name.string().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error) && name != kManifestFile && name.extension() != ".tmp") {
      files.insert(entry->path().lexically_relative(folder).generic_string());
    }
  }
  if (error) return fail("base.file", fmt::format("cannot list {}: {}", folder.string(), error.message()));
  return files;
}

fs::path folder_of(const fs::path& file) {
  const fs::path parent = file.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

Status report(const fs::path& folder, std::vector<std::string> problems) {
  if (problems.empty()) return {};
  const size_t all = problems.size();
  if (all > kShown) problems.resize(kShown);
  return fail("dataset.changed",
              fmt::format("the dataset is not what its manifest says: {}{}", fmt::join(problems, ", "),
                          all > kShown ? fmt::format(" and {} more", all - kShown) : ""),
              (folder / kManifestFile).string());
}

Result<int64_t> verify_folder(const fs::path& folder) {
  ASSAY_TRY(const auto manifest, read_manifest(folder));
  if (!manifest) return 0;
  ASSAY_TRY(std::set<std::string> present, files_below(folder));
  std::vector<std::string> problems;
  for (const ManifestEntry& entry : *manifest) {
    ASSAY_TRY(std::string problem, difference(folder, entry));
    if (!problem.empty()) problems.push_back(std::move(problem));
    present.erase(entry.file);
  }
  for (const std::string& file : present) problems.push_back(file + " is not listed");
  ASSAY_CHECK(report(folder, std::move(problems)));
  return static_cast<int64_t>(manifest->size());
}

Result<int64_t> verify_file(const fs::path& file) {
  ASSAY_TRY(const auto manifest, read_manifest(folder_of(file)));
  if (!manifest) return 0;
  for (const ManifestEntry& entry : *manifest) {
    if (entry.file != file.filename().string()) continue;
    ASSAY_TRY(const std::string problem, difference(folder_of(file), entry));
    if (!problem.empty()) ASSAY_CHECK(report(folder_of(file), {problem}));
    return 1;
  }
  return 0;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// Single files that no manifest of the dataset's own folder covers.
std::vector<fs::path> files_beside(const config::Data& data) {
  std::vector<fs::path> files = named_files(data);
  if (is_folder(data.path())) {
    std::erase_if(files, [&](const fs::path& file) {
      const fs::path inside =
          file.lexically_normal().lexically_relative(fs::path(data.path()).lexically_normal());
      return !leaves_folder(inside);
    });
  }
  return files;
}

Result<fs::path> write_into(const fs::path& folder, const std::set<std::string>& files, bool whole_folder) {
  const fs::path path = folder / kManifestFile;
  ASSAY_TRY(const auto before, read_manifest(folder));
  std::error_code error;
  if (!before && fs::exists(path, error)) {
    return fail("dataset.malformed", "a manifest.json of something else is in the way", path.string(),
                "Move the dataset into a folder of its own.");
  }
  std::map<std::string, ManifestEntry> entries;
  if (before && !whole_folder) {
    for (const ManifestEntry& entry : *before) entries[entry.file] = entry;
  }
  for (const std::string& file : files) {
    ASSAY_TRY(const auto bytes, read_unchanged(folder / file));
    entries[file] = {file, static_cast<int64_t>(bytes.size()), sha256_hex(bytes)};
  }
  Json json{{"schema", kSchema}, {"schema_version", 1}, {"files", Json::array()}};
  for (const auto& [name, entry] : entries)
    json["files"].push_back({{"file", entry.file}, {"bytes", entry.bytes}, {"sha256", entry.sha256}});
  std::string text;
  try {
    text = json.dump(2) + "\n";
  } catch (const Json::type_error&) {
    return fail("dataset.malformed", "a file's name is no UTF-8, which a manifest cannot hold",
                folder.string(), "Rename the file.");
  }
  ASSAY_CHECK(write_file(path, text));
  return path;
}

}  // namespace

Result<std::optional<std::vector<ManifestEntry>>> read_manifest(const fs::path& folder) {
  const fs::path path = folder / kManifestFile;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  ASSAY_TRY(const std::string text, read_text(path));
  const Json json = Json::parse(text, nullptr, false);
  auto damaged = [&](std::string what) {
    return fail("dataset.malformed", std::move(what), path.string(),
                "Write it again: `assay data manifest`.");
  };
  if (json.is_discarded()) return damaged("the manifest cannot be parsed");
  if (!json.is_object() || json.value("schema", Json()) != kSchema) return std::nullopt;
  if (json.value("schema_version", Json()) != 1) return damaged("the manifest is of another version");
  if (!json.contains("files") || !json["files"].is_array()) return damaged("the manifest lists no files");
  std::vector<ManifestEntry> entries;
  for (const Json& item : json["files"]) {
    auto entry = entry_of(item);
    if (!entry) return damaged("an entry of the manifest lacks file, bytes or sha256, or leaves the folder");
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<int64_t> verify_manifests(const config::Data& data) {
  int64_t checked = 0;
  if (is_folder(data.path())) {
    ASSAY_TRY(checked, verify_folder(data.path()));
  }
  for (const fs::path& file : files_beside(data)) {
    ASSAY_TRY(const int64_t more, verify_file(file));
    checked += more;
  }
  return checked;
}

Result<std::vector<fs::path>> write_manifests(const config::Data& data) {
  std::error_code error;
  if (!fs::exists(data.path(), error))
    return fail("dataset.not_found", "the dataset does not exist", data.path());
  std::vector<fs::path> written;
  if (is_folder(data.path())) {
    ASSAY_TRY(const std::set<std::string> files, files_below(data.path()));
    if (files.empty()) return fail("dataset.empty", "the folder holds no file", data.path());
    ASSAY_TRY(fs::path path, write_into(data.path(), files, true));
    written.push_back(std::move(path));
  }
  std::map<fs::path, std::set<std::string>> beside;
  for (const fs::path& file : files_beside(data)) beside[folder_of(file)].insert(file.filename().string());
  for (const auto& [folder, files] : beside) {
    ASSAY_TRY(fs::path path, write_into(folder, files, false));
    written.push_back(std::move(path));
  }
  return written;
}

}  // namespace assay::dataset
