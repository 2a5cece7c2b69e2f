// manifest.json of a dataset: what its files were when somebody vouched for them.
//
// {"schema": "assay.dataset_manifest", "schema_version": 1, "files": [{"file", "bytes", "sha256"}]}, sorted
// by name, names relative to the folder it lies in. It is optional: without one nothing is required; with
// one, a dataset opens only when every file of it is what the manifest says. A manifest.json of another
// schema (of a run, of something else) is none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::config {
class Data;
}

namespace assay::dataset {

inline constexpr const char* kManifestFile = "manifest.json";

struct ManifestEntry {
  std::string file;  // relative, with '/'
  int64_t bytes = 0;
  std::string sha256;
};

// Of the folder; nullopt when it has none. dataset.malformed, base.file.
Result<std::optional<std::vector<ManifestEntry>>> read_manifest(const std::filesystem::path& folder);

// Checks what [data] names against the manifests beside it: every file of a folder, and each single file that
// the manifest in its folder lists. Returns how many files were checked. dataset.changed names the files that
// are missing, changed or new; dataset.malformed, base.file.
Result<int64_t> verify_manifests(const config::Data& data);

// Writes manifest.json for what [data] names: all files of a folder (hidden ones aside); single files are
// added to what the manifest of their folder already lists. Returns the manifests. dataset.not_found,
// dataset.malformed (a manifest.json of something else is there), base.file.
Result<std::vector<std::filesystem::path>> write_manifests(const config::Data& data);

}  // namespace assay::dataset
