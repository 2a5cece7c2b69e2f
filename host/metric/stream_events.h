// A stream of class scores, hop by hop, against events of truth: what a keyword spotter is used for.
//
// The score of a hop is the mean of the last `smoothing` hops. A hop detects the class of the highest score
// if that is no background class and reaches the threshold. It is right when an event of its class has begun
// and ended no longer ago than the grace; else it is a false alarm, unless one was counted less than the
// debounce before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/tensor.h"
#include "metric/task_setup.h"

namespace assay::metric {

struct StreamResult {
  std::vector<std::optional<double>>
      delay_s;                         // of each event: from its start to its detection; absent: missed
  std::vector<double> false_alarms_s;  // times, rising
  double hours = 0;                    // length of the stream
  int64_t nonfinite_hops = 0;          // hops with a NaN or Inf among their scores: they detect nothing
};
// Hop i of the outputs lies at (first_row + i) * hop_s. Events as TaskSetup::events, rising starts.
StreamResult follow_stream(const TensorRows& outputs, const TaskSetup& setup, int64_t first_row);

}  // namespace assay::metric
