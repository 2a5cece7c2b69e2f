// Some of the samples: `--limit N` and `--samples a:b`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dataset/dataset.h"

namespace assay::dataset {

// Half-open rows [first, last) of the dataset; last absent: to the end. The limit counts from `first`.
struct Slice {
  int64_t first = 0;
  std::optional<int64_t> last, limit;
};

// "a:b", "a:", ":b" or "a" (that one sample); numbers >= 0. dataset.slice.
Result<Slice> parse_slice(std::string_view text);
// Ids, labels and row numbers go with their samples; the hash stays that of the whole. dataset.slice when
// nothing is left; a range that only ends beyond the last sample ends there.
Result<Dataset> take(const Dataset& dataset, const Slice& slice);

}  // namespace assay::dataset
