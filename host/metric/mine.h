// Where to look, and what to record next: the worst slices of a finished run, single columns and pairs of
// them, and how many samples more the open ones need before a margin can be judged.
//
// All slices with support >= kSufficientSupport are tested together (slices.h), so a pair that looks bad by
// chance among hundreds is not reported as a loss. A pair with all samples of one of its two slices is that
// slice and is left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metric/slices.h"

namespace assay::metric {

struct MineInput {
  std::span<const int> labels, reference, device;
  std::vector<SliceColumn> columns;
  double margin = 0.02;  // share of samples that may be lost: the verdict of a slice is asked at it
  uint64_t seed = 1;
};

inline constexpr size_t kMostPairs = 2000;  // of values; the largest ones count

struct Finding {
  results::SliceRow row;  // column and value as in `where`, of pairs separated by a comma
  std::string where;      // "room=hall,speaker=b": as `--slice` takes it
  int columns = 1;
  // worse: significantly, after Holm; lost: the delta is beyond the margin, without significance; holds: the
  // lower bound is within the margin; open: neither; few: support below 30.
  std::string verdict;
  // Samples that the slice needs in all for a verdict at this rate of flips; absent: more would change
  // nothing.
  std::optional<int64_t> needed;
};

struct Mined {
  std::vector<Finding> findings;      // worst first
  std::vector<std::string> left_out;  // columns that are ids rather than slices, "pairs beyond 2000"
  int64_t tested = 0;                 // slices in Holm's correction
};

// Codes of slice_rows().
Result<Mined> mine(const MineInput& input);

// n at which a paired delta of this rate keeps its 95 % lower bound within the margin: the least n with
// 1.96 sqrt((flips - delta^2) / n) <= margin + delta; at least 3 / margin (the bound of no flip at all) and
// kSufficientSupport. nullopt: delta <= -margin. `flips`: share of broken and fixed samples.
std::optional<int64_t> samples_for_margin(double flips, double delta, double margin);

}  // namespace assay::metric
