// Which operator to look at next, where each look costs a tapped run: a bisection of the model's graph.
//
// It begins with an operator that is known to differ from the host build (the one that makes the output) and
// takes for granted that a difference, once made, is seen in everything behind it. Each answer halves the
// operators in question: of a chain of n it takes ceil(log2(n)) looks. What it names is checked, not
// inferred: the operator was seen to differ, and each one that feeds it was seen to be equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::run {

class TapSearch {
 public:
  // `sources[i]`: the operators that feed operator i, all smaller than i; negative: a model input. `differs`:
  // one that is known to.
  TapSearch(std::vector<std::vector<int>> sources, int differs);

  // Up to `room` >= 1 operators to look at, rising; empty: the search has ended. Each must be answered.
  std::vector<int> next(size_t room = 1) const;
  void answer(int op, bool differs);
  void cannot_look(int op);

  // The first that differs, as far as it is known.
  int suspect() const { return suspect_; }
  // Every operator that feeds suspect() was seen to be equal.
  bool verified() const;

 private:
  enum class Seen : uint8_t { kNo, kEqual, kDiffers, kUnavailable };
  std::vector<int> candidates() const;
  std::vector<bool> ancestors_of(int op) const;

  std::vector<std::vector<int>> sources_;
  std::vector<Seen> seen_;
  int suspect_;
  bool masked_ = false;  // a difference was found in front of an equal operator: nothing is inferred any more
};

}  // namespace assay::run
