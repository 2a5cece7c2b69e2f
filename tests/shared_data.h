// Public models and data sets outside the source tree: $ASSAY_SHARED_DATA, else <source>/../shared/data.
// Tests that need a file say that they skip when it is absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace assay {

inline std::optional<std::filesystem::path> shared_file(const std::string& relative) {
  const char* set = std::getenv("ASSAY_SHARED_DATA");
  const auto path = std::filesystem::path(set ? set : ASSAY_SOURCE_DIR "/../shared/data") / relative;
  if (std::filesystem::exists(path)) return path;
  std::cout << "skipped: " << path.string() << " is absent; set ASSAY_SHARED_DATA\n";
  return std::nullopt;
}

}  // namespace assay
