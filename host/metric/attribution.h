// Every loss has an owner: compression (R0 against R1), rounding (R2 outside the envelope of R1), port (R2
// against D).
//
// The rule for the owner, in decide_owner():
//   1. A stage is guilty when the evidence stands: compression, when the 95 % interval of the paired accuracy
//      difference R1 - R0 lies below 0; rounding, when R2 gives an answer that no desktop runtime gives and
//      R2 is no more accurate than R1 (unlabelled: any such answer); port, when the device changes an answer
//      of R2.
//   2. Of the guilty stages the one that lost most accuracy owns the loss; equal losses: the later stage
//      (port, then rounding), because it is a defect rather than a trade.
//   3. None guilty, but an exact port is expected and bits differ: port.
//   4. None guilty and R1, R2 and D are there: none. Otherwise unknown.
// Where only the engine itself runs the model (Observations::only_own_engine), R2 stands for R1 in
// compression, rounding cannot be told apart from it, and R2 and D are enough for "none".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metric/classification.h"
#include "metric/observations.h"

namespace assay::metric {

struct SideDecisions {  // of each side that exists
  std::optional<Decisions> r0, r2;
  std::vector<Decisions> r1;
  Decisions device;
};

struct AttributionDetail {
  results::Attribution figures;
  std::vector<uint8_t> runtimes_disagree;  // per sample: members of R1 differ in top-1
  bool rounding_exists = true;             // false: the only desktop answer is the engine's own (R2)
  std::optional<double> compression_hi;    // upper end of the 95 % interval of accuracy R1 - R0, a share
};

// Sizes are those that evaluate() checked. metric.not_comparable when outputs have unlike quantisation.
Result<AttributionDetail> attribute(const Observations& observed, const SideDecisions& sides);

// compression | rounding | port | none | unknown
std::string decide_owner(const AttributionDetail& detail, bool exact_port);
// Two or three sentences from a fixed table. `type` is what the model was quantised to ("int8"); n samples.
std::string attribution_sentence(const AttributionDetail& detail, const std::string& type, int64_t n);

}  // namespace assay::metric
