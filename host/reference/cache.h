// Reference outputs that were computed before: <folder>/<key>.npy with <key>.json beside it.
//
// The JSON file is written last and holds the hash of the array, so that a half-written or damaged pair is no
// entry.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/tensor.h"

namespace assay::reference {

// Everything that decides the outputs.
struct CacheKey {
  std::string model_sha256, inputs_sha256, runtime, version, worker_sha256;
  int output = 0;
  std::string more;          // of other kinds: layout, identity of a command
  std::string text() const;  // 64 hex digits
};

// Type, shape and values.
std::string hash_of(const TensorRows& rows);

// nullopt: not there, damaged, or not `rows` rows long.
std::optional<TensorRows> read_cache(const std::filesystem::path& folder, const CacheKey& key, size_t rows);
// base.file.
Status write_cache(const std::filesystem::path& folder, const CacheKey& key, const TensorRows& outputs);

}  // namespace assay::reference
