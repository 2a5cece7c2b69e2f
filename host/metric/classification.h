// Task metrics of classifiers: decisions from output rows, what they hit, and how two sides differ.
//
// A side is the reference or the device. Labels and decisions are class indices; all vectors have one entry a
// sample.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "results/summary.h"

namespace assay::metric {

inline constexpr int64_t kSufficientSupport = 30;  // samples of a class below which its delta is not judged

struct Decision {
  int top = -1;  // argmax of the row; ties go to the lowest index, NaN never wins; -1: all NaN or no elements
  bool tie = false;  // the maximum occurs more than once
  double margin =
      0;  // top1 - top2 of the dequantised row; 0 where it is not finite or there is one class only
};
Decision decide(std::span<const double> row);

struct Decisions {
  std::vector<int> top;
  std::vector<double> margin;
  int64_t ties = 0;
};
Decisions decide_rows(const TensorRows& outputs);

int64_t hits(std::span<const int> labels, std::span<const int> top);
double agreement(std::span<const int> a,
                 std::span<const int> b);  // share of equal entries; 1 of 0 samples is 0
// Share with n and Wilson interval: unit "1".
results::Figure accuracy_figure(std::span<const int> labels, std::span<const int> top,
                                const std::string& kind);

// [truth][prediction]; predictions of -1 are in no cell.
std::vector<std::vector<int64_t>> confusion(std::span<const int> labels, std::span<const int> top,
                                            int classes);
// Mean recall over the classes that have support; 0 without any.
double balanced_accuracy(std::span<const int> labels, std::span<const int> top, int classes);

enum class FlipKind { kNone, kBroken, kFixed, kBothWrong };
// kNone also where both are wrong in the same way.
FlipKind flip_kind(int label, int reference, int device);

struct FlipCounts {
  int64_t broken = 0, fixed = 0, both_wrong = 0;
};
FlipCounts count_flips(std::span<const int> labels, std::span<const int> reference,
                       std::span<const int> device);

// Support, recalls with Wilson intervals, precisions, delta with its paired interval and Holm-corrected
// McNemar p of every class.
std::vector<results::ClassRow> class_rows(std::span<const int> labels, std::span<const int> reference,
                                          std::span<const int> device,
                                          const std::vector<std::string>& classes, uint64_t seed = 1);
// The class with the lowest delta among those with sufficient support; -1 without one. Ties: the lowest
// index.
int worst_class(const std::vector<results::ClassRow>& rows);

}  // namespace assay::metric
