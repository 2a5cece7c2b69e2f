#include "reference/cache.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/files.h"
#include "reference/tensor_json.h"
#include "results/npy.h"

namespace assay::reference {

// Writing an entry takes far less: whoever began this one was killed.
constexpr auto kStale = std::chrono::minutes(10);

std::string CacheKey::text() const {
  return sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n", model_sha256, inputs_sha256, runtime, version,
                                worker_sha256, output, more));
}

std::string hash_of(const TensorRows& rows) {
  return sha256_hex(
      fmt::format("{} {} {}", element_name(rows.info.type), rows.info.shape(), sha256_hex(rows.data)));
}

std::optional<TensorRows> read_cache(const std::filesystem::path& folder, const CacheKey& key, size_t rows) {
  const std::filesystem::path stem = folder / key.text();
  const auto text = read_text(stem.string() + ".json");
  const auto bytes = read_bytes(stem.string() + ".npy");
  if (!text || !bytes) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || json.value("sha256", nlohmann::json()) != sha256_hex(*bytes)) return std::nullopt;
  auto outputs = results::parse_npy(*bytes, stem.string() + ".npy");
  const auto info = tensor_info(json);
  if (!outputs || !info || !adopt_info(*outputs, *info) || outputs->rows() != rows) return std::nullopt;
  return std::move(*outputs);
}

Status write_cache(const std::filesystem::path& folder, const CacheKey& key, const TensorRows& outputs) {
  ASSAY_CHECK(make_directories(folder));
  remove_temporaries(folder, kStale);
  const std::filesystem::path stem = folder / key.text();
  ASSAY_TRY(const auto bytes, results::npy_bytes(outputs));
  ASSAY_CHECK(write_file(stem.string() + ".npy", std::span<const uint8_t>(bytes)));
  nlohmann::json json = to_json(outputs.info);
  json["sha256"] = sha256_hex(bytes);
  json["runtime"] = key.runtime;
  json["version"] = key.version;
  json["model_sha256"] = key.model_sha256;
  return write_file(stem.string() + ".json",
                    json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace assay::reference
