// What tensor metrics are made of: sums over the elements of two sides, which add up over rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace assay::metric {

// e = d - r. Sums of squares around a mean are kept beside the mean (Chan, Golub, LeVeque 1979), because
// sum of squares minus square of sums loses digits.
struct ErrorSums {
  int64_t n = 0;
  double e = 0, abs_e = 0, e2 = 0, r2 = 0, d2 = 0, rd = 0;
  double mean_r = 0, centred_r2 = 0, mean_e = 0, centred_e2 = 0;
  double max_abs = 0;
  size_t max_element = 0;  // of the row; the caller knows which row
};
// Of one row; both of the same length, all finite.
ErrorSums sums_of(std::span<const double> reference, std::span<const double> device);
// Adds the sums of other elements; max_element follows the larger error, the first of equal ones.
void add(const ErrorSums& more, ErrorSums& into);

// The figures of such sums. What has no value is absent: NSE where r is constant, SQNR where exact or silent.
struct ErrorFigures {
  std::optional<double> mae, bias, deviation, rmse, max_abs, l2r_ref, l2r_dev, sqnr_db, nse, cosine;
  bool exact = false;
};
ErrorFigures figures_of(const ErrorSums& sums);

}  // namespace assay::metric
