// The statistics behind the figures: intervals and tests that need no table and no distribution of the C++
// library, so that one seed gives the same digits on every machine. All float64; shares are 0..1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay::metric {

inline constexpr double kZ95 = 1.959963984540054;  // two-sided 95 % quantile of the normal distribution

struct Interval {
  double lo = 0, hi = 0;
};

// Wilson score interval of `hits` of n; [0, 1] when n is 0.
Interval wilson(int64_t hits, int64_t n, double z = kZ95);

// McNemar's test on b (reference right, device wrong) and c (the reverse): two-sided p. b + c = 0: 1; below
// 25: exact binomial; else chi-squared with continuity correction, 1 degree of freedom.
double mcnemar_p(int64_t b, int64_t c);

// The exact binomial p for any b + c.
double mcnemar_exact_p(int64_t b, int64_t c);

// P(X >= hits) of X ~ Binomial(n, p): one-sided exact test of "the rate is at most p". 1 when hits <= 0.
double binomial_tail(int64_t hits, int64_t n, double p);

// Holm's step-down correction; the order of p is kept.
std::vector<double> holm(std::span<const double> p);

// 95 % percentile interval of (c - b) / n under resampling of n pairs; n = 0: [0, 0].
// mt19937_64 (its sequence is part of the C++ standard), two draws of 32 bits per word, index = draw * n
// >> 32.
Interval paired_bootstrap(int64_t b, int64_t c, int64_t n, uint64_t seed, int resamples = 2000);

// What reports print as the interval of a paired delta: paired_bootstrap, or without any flip, where
// resampling sees nothing, [-zero_event_bound(n), +zero_event_bound(n)].
Interval delta_interval(int64_t b, int64_t c, int64_t n, uint64_t seed);

// 95 % upper bound of a rate of which none was seen in n: 3 / n, at most 1; 1 when n is 0.
double zero_event_bound(int64_t n);

// q in 0..1 of sorted values, linear interpolation between order statistics at (n - 1) q (type 7, numpy's
// default). NaN when empty.
double quantile(std::span<const double> sorted, double q);

}  // namespace assay::metric
