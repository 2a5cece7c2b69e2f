#include "reference/inputs_file.h"

#include <fmt/format.h>

#include "reference/cache.h"
#include "reference/worker.h"
#include "results/npy.h"

namespace assay::reference {

std::string InputsFiles::hash(const TensorRows& rows) {
  const std::lock_guard lock(mutex_);
  auto [known, fresh] = hashes_.try_emplace(&rows);
  if (fresh) known->second = hash_of(rows);
  return known->second;
}

Result<std::filesystem::path> InputsFiles::file(const TensorRows& rows) {
  const std::lock_guard lock(mutex_);
  if (const auto known = files_.find(&rows); known != files_.end()) return known->second;
  if (folder_.path().empty()) {
    ASSAY_TRY(folder_, ScratchFolder::make(kWorkFolder));
  }
  const auto path = folder_.path() / fmt::format("inputs{}.npy", files_.size());
  ASSAY_CHECK(results::write_npy(path, rows));
  files_[&rows] = path;
  return path;
}

}  // namespace assay::reference
