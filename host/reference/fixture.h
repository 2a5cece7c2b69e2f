// For the tests of this folder: a scratch folder, small tensors, and what of the outside world is there.
#pragma once

#include <catch.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/paths.h"
#include "base/tensor.h"

namespace assay::reference {

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "assay-reference-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string file(const std::string& name, std::string_view text) const {
    REQUIRE(write_file(path / name, text));
    return (path / name).string();
  }
  std::filesystem::path path;
};

inline TensorRows int8_rows(std::vector<int64_t> dims, const std::vector<int8_t>& values) {
  TensorRows rows;
  rows.info.type = ElementType::kInt8;
  rows.info.dims = std::move(dims);
  rows.data.assign(values.begin(), values.end());
  return rows;
}

}  // namespace assay::reference
