#include "dataset/slice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/digest.h"
#include "config/nearest.h"

namespace assay::dataset {
namespace {

constexpr size_t kListed = 20;

std::string some_of(const std::vector<std::string>& names) {
  const auto end = names.begin() + static_cast<ptrdiff_t>(std::min(names.size(), kListed));
  return fmt::format("{}{}", fmt::join(names.begin(), end, ", "), names.size() > kListed ? ", ..." : "");
}

tl::unexpected<Error> unknown(const char* what, const std::string& word,
                              const std::vector<std::string>& known, const Dataset& dataset) {
  const std::string near = config::nearest(word, known);
  return fail("dataset.slice", fmt::format("no {} '{}'", what, word), dataset.name,
              fmt::format("{}There are: {}.", near.empty() ? "" : fmt::format("Did you mean '{}'? ", near),
                          some_of(known)));
}

template <class T>
std::vector<T> pick(const std::vector<T>& all, std::span<const int64_t> positions) {
  std::vector<T> some;
  if (all.empty()) return some;
  some.reserve(positions.size());
  for (const int64_t position : positions) some.push_back(all[static_cast<size_t>(position)]);
  return some;
}

// Marks what ranges and ids name.
Result<std::vector<bool>> named_samples(const Dataset& dataset, const Slice& slice) {
  const auto count = static_cast<int64_t>(dataset.count());
  if (slice.ranges.empty() && slice.ids.empty()) return std::vector<bool>(dataset.count(), true);
  std::vector<bool> chosen(dataset.count(), false);
  for (const RowRange& range : slice.ranges) {
    if (range.first < 0 || range.first >= count) {
      return fail(
          "dataset.slice",
          fmt::format("no sample left: the range starts at {}, the dataset has {}", range.first, count),
          dataset.name, "Choose a range inside the dataset.");
    }
    for (int64_t i = range.first; i < std::min(range.last.value_or(count), count); ++i)
      chosen[static_cast<size_t>(i)] = true;
  }
  if (slice.ids.empty()) return chosen;
  std::unordered_multimap<std::string_view, size_t> position_of;
  for (size_t i = 0; i < dataset.ids.size(); ++i) position_of.emplace(dataset.ids[i], i);
  for (const std::string& id : slice.ids) {
    const auto [begin, end] = position_of.equal_range(id);
    if (begin == end) return unknown("sample is called", id, dataset.ids, dataset);
    for (auto it = begin; it != end; ++it) chosen[it->second] = true;
  }
  return chosen;
}

// The values of a column, one a sample; those of `class` are names, and numbers as `also`.
struct ColumnValues {
  std::vector<std::string> values, also;
};

Result<ColumnValues> column_values(const Dataset& dataset, const std::string& name) {
  std::vector<std::string> known;
  for (const SliceColumn& column : dataset.slices) {
    if (column.name == name) return ColumnValues{column.values, {}};
    known.push_back(column.name);
  }
  if (name == "class" && dataset.labelled()) {
    ColumnValues found;
    for (const int label : dataset.labels) {
      found.also.push_back(std::to_string(label));
      const auto index = static_cast<size_t>(label);
      found.values.push_back(index < dataset.classes.size() ? dataset.classes[index] : found.also.back());
    }
    return found;
  }
  if (dataset.labelled()) known.push_back("class");
  if (!known.empty()) return unknown("column to slice by is called", name, known, dataset);
  return fail("dataset.slice", "the dataset has no columns to slice by", dataset.name,
              "Name them as `slice_columns` (CSV) or give a table as `slices` in [data].");
}

// Leaves what has one of the values of each column.
Status narrow(const Dataset& dataset, const std::vector<Condition>& where, std::vector<bool>& chosen) {
  std::map<std::string, std::set<std::string>> wanted;
  for (const Condition& condition : where) wanted[condition.column].insert(condition.value);
  for (const auto& [column, values] : wanted) {
    ASSAY_TRY(const ColumnValues found, column_values(dataset, column));
    const std::set<std::string> there(found.values.begin(), found.values.end());
    const std::set<std::string> numbers(found.also.begin(), found.also.end());
    for (const std::string& value : values) {
      if (!there.contains(value) && !numbers.contains(value))
        return unknown(fmt::format("sample has {} =", column).c_str(), value, {there.begin(), there.end()},
                       dataset);
    }
    for (size_t i = 0; i < chosen.size(); ++i) {
      const bool has =
          values.contains(found.values[i]) || (!found.also.empty() && values.contains(found.also[i]));
      if (!has) chosen[i] = false;
    }
  }
  return {};
}

Dataset part_of(const Dataset& dataset, std::span<const int64_t> positions) {
  Dataset part;
  part.name = dataset.name, part.format = dataset.format, part.hash = dataset.hash;
  part.untyped = dataset.untyped, part.quantised = dataset.quantised;
  part.scale = dataset.scale, part.zero_point = dataset.zero_point;
  part.classes = dataset.classes, part.channels = dataset.channels;
  part.kind = dataset.kind, part.source = dataset.source, part.rate_hz = dataset.rate_hz;
  part.preprocess = dataset.preprocess;
  part.inputs.info = dataset.inputs.info;
  part.inputs.data.reserve(positions.size() * dataset.inputs.info.bytes());
  for (const int64_t position : positions) {
    const auto row = dataset.inputs.row(static_cast<size_t>(position));
    part.inputs.data.insert(part.inputs.data.end(), row.begin(), row.end());
  }
  part.labels = pick(dataset.labels, positions);
  part.ids = pick(dataset.ids, positions);
  part.rows = pick(dataset.rows, positions);
  for (const SliceColumn& column : dataset.slices)
    part.slices.push_back({column.name, pick(column.values, positions)});
  return part;
}

// Vigna's SplitMix64 (public domain): a 64-bit counter and a finaliser.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Uniform in [0, bound): what would favour the low numbers is drawn again.
  uint64_t below(uint64_t bound) {
    const uint64_t reject = (0 - bound) % bound;
    uint64_t value = 0;
    do value = next();
    while (value < reject);
    return value % bound;
  }

 private:
  uint64_t state_;
};

}  // namespace

std::vector<int64_t> choose_rows(int64_t count, int64_t wanted, uint64_t seed) {
  std::vector<int64_t> rows(static_cast<size_t>(std::max<int64_t>(count, 0)));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  if (wanted >= count) return rows;
  SplitMix64 random(seed);
  for (size_t i = 0; i < static_cast<size_t>(wanted); ++i)
    std::swap(rows[i], rows[i + random.below(rows.size() - i)]);
  rows.resize(static_cast<size_t>(wanted));
  std::sort(rows.begin(), rows.end());
  return rows;
}

int64_t shard_of(std::string_view id, int64_t count) {
  uint64_t first = 0;
  const std::string hash = sha256_hex(id);
  std::from_chars(hash.data(), hash.data() + 16, first, 16);
  return static_cast<int64_t>(first % static_cast<uint64_t>(count)) + 1;
}

Result<Dataset> take(const Dataset& dataset, const Slice& slice, uint64_t seed) {
  ASSAY_TRY(std::vector<bool> chosen, named_samples(dataset, slice));
  ASSAY_CHECK(narrow(dataset, slice.where, chosen));
  std::vector<int64_t> positions;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) positions.push_back(static_cast<int64_t>(i));
  }
  if (slice.limit) {
    const auto left = static_cast<int64_t>(positions.size());
    const int64_t wanted = std::clamp<int64_t>(*slice.limit, 0, left);
    if (slice.shuffle) positions = pick(positions, choose_rows(left, wanted, seed));
    positions.resize(static_cast<size_t>(wanted));
  }
  if (slice.shard) {
    std::erase_if(positions, [&](int64_t position) {
      return shard_of(dataset.ids[static_cast<size_t>(position)], slice.shard->count) != slice.shard->index;
    });
  }
  if (positions.empty()) {
    return fail("dataset.slice", fmt::format("no sample left of {}: {}", dataset.count(), slice.text(seed)),
                dataset.name, "Choose fewer conditions.");
  }
  Dataset part = part_of(dataset, positions);
  part.choice = slice.text(seed);
  return part;
}

Result<Dataset> take_rows(const Dataset& dataset, std::span<const int64_t> rows) {
  for (const int64_t row : rows) {
    if (row >= 0 && static_cast<size_t>(row) < dataset.count()) continue;
    return fail("dataset.slice", fmt::format("no sample {}: the dataset has {}", row, dataset.count()),
                dataset.name, "Both datasets must hold the same samples in the same order.");
  }
  return part_of(dataset, rows);
}

}  // namespace assay::dataset
