// Two runs, or a run and a baseline, side by side: what changed in the subject, and what became of each
// figure.
//
// Two policies. Where both sides ran the same model on the same samples, answers are facts: one flip more is
// worse, and which class lost it is said. Where the models differ, the samples are a draw from what the
// models will meet: a difference counts when McNemar's test or the interval of the paired difference says so.
// What makes figures incomparable is one table, kDifferences in compare_differences.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metric/compare_side.h"
#include "results/comparison.h"

namespace assay::metric {

// Of one figure that scatters: |now - before| <= max(relative * |before|, absolute) is within tolerance.
struct Tolerance {
  std::string figure;
  double relative = 0.02;
  double absolute = 0;  // in the figure's unit
};

struct CompareOptions {
  double margin_pp = 2;    // non-inferiority of the accuracy
  double relative = 0.02;  // of figures that are not in `tolerances`
  std::vector<Tolerance> tolerances;
  uint64_t seed = 1;  // of the bootstrap
};

// Never fails: what cannot be compared is said in words and codes.
results::Comparison compare(const Side& before, const Side& now, const CompareOptions& options = {});

}  // namespace assay::metric
