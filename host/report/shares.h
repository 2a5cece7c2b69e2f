// Shares of the median inference as printed: tenths of a percent that add up to 100.0 exactly.
#pragma once

#include <span>
#include <vector>

#include "results/summary.h"

namespace assay::report {

struct Shares {
  std::vector<double> operators;  // percent, one decimal, in the order of operators_of(); 0 where unknown
  double gaps = 0;                // percent: what lies between operators
  double sum = 0;                 // of operators
};

// Summary::layers of a measured run ends with a row "(gaps)" for what lies between operators: it is no
// operator. gaps_of() is that row, or nullptr; both live as long as the summary.
std::span<const results::Layer> operators_of(const results::Summary& summary);
const results::Layer* gaps_of(const results::Summary& summary);

// Largest remainder (Hamilton's method) over the operators and the gaps. With a gaps row by the shares of the
// instrumented passes; else by medians against the median inference. Without a total the gaps are 0 and the
// operators alone make 100.0.
Shares shares_of(const results::Summary& summary);
// The same over any weights: whole tenths that add up to 1000. All zero weights give all zeros.
std::vector<int> tenths(const std::vector<double>& weights);

}  // namespace assay::report
