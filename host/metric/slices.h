// Where a loss hides: the same deltas as for the whole, for each value of each slice column (speaker, device,
// noise, light ...) and for each named slice. An average that holds can hide a speaker who is never
// understood.
//
// Each slice is compared by itself: accuracy of the reference and of the device on its samples, the paired
// delta with a seeded bootstrap interval, and the exact two-sided McNemar test. The p values are corrected by
// Holm over all slices that have support >= kSufficientSupport, of all columns together; smaller slices are
// listed as insufficient, without a test.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/summary.h"

namespace assay::metric {

// Nothing is owned. All spans have one entry a sample.
struct SliceColumn {
  std::string name;
  std::span<const std::string> values;  // "" is a value like any other
};
struct NamedSlice {
  std::string name;
  std::vector<uint8_t> member;  // 1: the sample is in it
};
struct SliceInput {
  std::span<const int> labels, reference, device;  // class indices; decisions of -1 are wrong
  std::vector<SliceColumn> columns;
  std::vector<NamedSlice> named;
  uint64_t seed = 1;
};

inline constexpr size_t kMostSlices = 1000;  // beyond it a column is an id, not a slice

// Worst first: significantly worse ones by p, then the other sufficient ones by delta, then insufficient ones
// by delta. A named slice without samples is a row with support 0. A column with more than kMostSlices values
// is left out and named in `left_out` (may be nullptr).
// metric.bad_observations: no samples, spans of unlike lengths.
Result<std::vector<results::SliceRow>> slice_rows(const SliceInput& input,
                                                  std::vector<std::string>* left_out = nullptr);

}  // namespace assay::metric
