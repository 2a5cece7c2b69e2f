// Which samples are replayed on tapped plans: what --taps, `assay diverge --samples` and [taps] samples take.
//
//   auto        when the device differs from R2 anywhere: the 3 samples that differ most, and 2 whose answer
//   changed;
//               otherwise none
//   none        never
//   all         every sample that finished
//   flips       the 8 samples of the list of flips with the highest reference margin; flips:N others
//   worst:N     the N samples whose outputs differ most from R2's
//   ID,ID,...   these
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace assay::run {

struct TapChoice {
  enum class Kind { kAuto, kNone, kAll, kFlips, kWorst, kIds };
  Kind kind = Kind::kAuto;
  size_t count = 0;              // of flips and worst
  std::vector<std::string> ids;  // of kIds
};

// Empty: auto. config.value.
Result<TapChoice> parse_tap_choice(const std::string& text);
// dataset.not_found names an id that is none of `ids`.
Status check_tap_ids(const TapChoice& choice, const std::vector<std::string>& ids);

struct TapSides {
  const std::vector<std::string>& ids;   // of the finished samples, at least
  const TensorRows& device;              // of the finished samples
  const TensorRows& r2;                  // of at least those
  const TensorRows* baseline = nullptr;  // what flips are against: R0, else R1, else R2
};

struct TapSamples {
  std::vector<size_t> rows;  // rising
  std::string words;         // "the 3 that differ most from the host build, 2 whose answer changed"
};

// Empty rows: nothing is to be captured. dataset.not_found.
Result<TapSamples> choose_tap_samples(const TapChoice& choice, const TapSides& sides);

// Do two rows differ in any bit?
bool rows_differ(const TensorRows& a, const TensorRows& b, size_t row);

}  // namespace assay::run
