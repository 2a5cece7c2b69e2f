// Some of the samples: `--samples`, `--slice`, `--limit` with `--shuffle`, `--shard`.
//
// The four narrow one after the other: the shards of a choice are the whole choice, each sample once, and
// what is left stays in the order of the dataset. The same options give the same samples on every machine:
// the random choice is this folder's own (choose_rows), not the library's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/dataset.h"

namespace assay::dataset {

// Half-open rows [first, last); last absent: to the end. One that only ends beyond the last sample ends
// there.
struct RowRange {
  int64_t first = 0;
  std::optional<int64_t> last;
};

// A slice column has this value; several of one column: any of them. Column `class` is the label (name or
// number) of a dataset that has no such slice column.
struct Condition {
  std::string column, value;
};

// Part `index` (from 1) of `count`. Which part a sample belongs to is a matter of its id alone: shards of one
// count are disjoint and complete, and a sample stays in its shard when others are added.
struct Shard {
  int64_t index = 1, count = 1;
};

struct Slice {
  std::vector<RowRange> ranges;  // none, and no ids: every sample
  std::vector<std::string> ids;  // beside the ranges
  std::vector<Condition> where;  // of different columns: all of them
  std::optional<int64_t> limit;  // the first so many of what is left
  bool shuffle = false;          // so many at random instead
  std::optional<Shard> shard;    // of what is then left

  // "samples 0:100; subject=3; 50 at random, seed 7"; empty for every sample.
  std::string text(uint64_t seed) const;
};

// `--samples`: a comma list of rows "a:b", "a:", ":b", "a" and of ids; or a file of ids, one a line. Ids that
// look like rows, or hold a comma or colon, need the file. dataset.slice, base.file.
Result<Slice> parse_slice(std::string_view text);
// `--slice`: "column=value,column=value". dataset.slice.
Result<std::vector<Condition>> parse_where(std::string_view text);

// `--shard`: "2/4". dataset.slice.
Result<Shard> parse_shard(std::string_view text);
// The shard, from 1 to count, of the sample: SHA-256 of the id, its first 8 bytes modulo count.
int64_t shard_of(std::string_view id, int64_t count);

// Ids, labels, slices and row numbers go with their samples; the hash stays that of the whole. dataset.slice:
// nothing is left, an unknown id, column or value (with the nearest).
Result<Dataset> take(const Dataset& dataset, const Slice& slice, uint64_t seed = 1);
// The samples of these rows, rising, of a whole dataset: what take() chose, out of another dataset of the
// same samples. dataset.slice: no such row.
Result<Dataset> take_rows(const Dataset& dataset, std::span<const int64_t> rows);

// `wanted` different numbers below `count`, rising; all of them when there are no more. SplitMix64 and a
// partial Fisher-Yates shuffle: the numbers for a seed never change.
std::vector<int64_t> choose_rows(int64_t count, int64_t wanted, uint64_t seed);

// Rising rows as `--samples` takes them: "0:3,7,12:15".
std::string rows_text(std::span<const int64_t> rows);

}  // namespace assay::dataset
