#include "metric/error_sums.h"

#include <algorithm>
#include <cmath>

namespace assay::metric {
namespace {

// Joins a mean and the squares around it with those of other values.
void join(double more_mean, double more_squares, double more_n, double n, double& mean, double& squares) {
  const double distance = more_mean - mean, all = n + more_n;
  squares += more_squares + distance * distance * n * more_n / all;
  mean += distance * more_n / all;
}

// A constant row has squares of exactly 0, whatever its mean rounds to.
double centred(std::span<const double> values, double mean) {
  if (std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; })) return 0;
  double sum = 0;
  for (double v : values) sum += (v - mean) * (v - mean);
  return sum;
}

}  // namespace

ErrorSums sums_of(std::span<const double> reference, std::span<const double> device) {
  ErrorSums s;
  s.n = static_cast<int64_t>(reference.size());
  if (s.n == 0) return s;
  double sum_r = 0;
  bool same_e = true;
  const double first = device[0] - reference[0];
  s.max_abs = -1;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double r = reference[i], d = device[i], e = d - r, size = std::abs(e);
    s.e += e, s.abs_e += size, s.e2 += e * e, s.r2 += r * r, s.d2 += d * d, s.rd += r * d;
    sum_r += r;
    same_e = same_e && e == first;
    if (size > s.max_abs) s.max_abs = size, s.max_element = i;
  }
  const auto n = static_cast<double>(s.n);
  s.centred_r2 = centred(reference, sum_r / n);
  s.mean_r = s.centred_r2 == 0 ? reference[0] : sum_r / n;
  s.mean_e = same_e ? first : s.e / n;
  for (size_t i = 0; !same_e && i < reference.size(); ++i) {
    const double distance = device[i] - reference[i] - s.mean_e;
    s.centred_e2 += distance * distance;
  }
  return s;
}

void add(const ErrorSums& more, ErrorSums& into) {
  if (more.n == 0) return;
  if (into.n == 0) {
    into = more;
    return;
  }
  const auto n = static_cast<double>(into.n), more_n = static_cast<double>(more.n);
  join(more.mean_r, more.centred_r2, more_n, n, into.mean_r, into.centred_r2);
  join(more.mean_e, more.centred_e2, more_n, n, into.mean_e, into.centred_e2);
  into.n += more.n;
  into.e += more.e, into.abs_e += more.abs_e, into.e2 += more.e2;
  into.r2 += more.r2, into.d2 += more.d2, into.rd += more.rd;
  if (more.max_abs > into.max_abs) into.max_abs = more.max_abs, into.max_element = more.max_element;
}

ErrorFigures figures_of(const ErrorSums& s) {
  ErrorFigures f;
  if (s.n == 0) return f;
  const auto n = static_cast<double>(s.n);
  f.mae = s.abs_e / n;
  f.bias = s.e / n;
  f.rmse = std::sqrt(s.e2 / n);
  f.max_abs = s.max_abs;
  if (s.n > 1) f.deviation = std::sqrt(s.centred_e2 / (n - 1));
  f.exact = s.e2 == 0;
  if (s.r2 > 0) f.l2r_ref = std::sqrt(s.e2 / s.r2);
  if (s.d2 > 0) f.l2r_dev = std::sqrt(s.e2 / s.d2);
  if (!f.exact && s.r2 > 0) f.sqnr_db = 10 * std::log10(s.r2 / s.e2);
  if (s.centred_r2 > 0) f.nse = 1 - s.e2 / s.centred_r2;
  f.cosine =
      s.r2 > 0 && s.d2 > 0 ? s.rd / (std::sqrt(s.r2) * std::sqrt(s.d2)) : (s.r2 == 0 && s.d2 == 0 ? 1 : 0);
  return f;
}

}  // namespace assay::metric
