#include "dataset/slice.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace assay::dataset {
namespace {

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

template <class T>
std::vector<T> cut(const std::vector<T>& all, int64_t first, int64_t last) {
  return all.empty() ? all : std::vector<T>(all.begin() + first, all.begin() + last);
}

}  // namespace

Result<Slice> parse_slice(std::string_view text) {
  const auto colon = text.find(':');
  const auto left = text.substr(0, colon);
  const auto first =
      left.empty() && colon != std::string_view::npos ? std::optional<int64_t>(0) : number(left);
  Slice slice;
  bool valid = first.has_value();
  if (valid) slice.first = *first;
  if (colon == std::string_view::npos) {
    if (valid) slice.limit = 1;
  } else if (const auto right = text.substr(colon + 1); !right.empty()) {
    slice.last = number(right);
    valid = valid && slice.last && *slice.last > *first;
  }
  if (valid) return slice;
  return fail("dataset.slice", fmt::format("'{}' is no range of samples", text), {},
              "Write first:last (the last one excluded), for example 100:200.");
}

Result<Dataset> take(const Dataset& dataset, const Slice& slice) {
  const auto count = static_cast<int64_t>(dataset.count());
  const int64_t first = std::min(slice.first, count);
  int64_t last = std::min(slice.last.value_or(count), count);
  if (slice.limit) last = first + std::min(*slice.limit, last - first);
  if (slice.first < 0 || last <= first) {
    return fail("dataset.slice",
                fmt::format("no sample left: the range starts at {}, the dataset has {}", slice.first, count),
                dataset.name, "Choose a range inside the dataset.");
  }
  Dataset part = dataset;
  const auto row = static_cast<int64_t>(dataset.inputs.info.bytes());
  part.inputs.data = cut(dataset.inputs.data, first * row, last * row);
  part.labels = cut(dataset.labels, first, last);
  part.ids = cut(dataset.ids, first, last);
  part.rows = cut(dataset.rows, first, last);
  return part;
}

}  // namespace assay::dataset
