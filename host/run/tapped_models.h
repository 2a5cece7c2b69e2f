// Tensors from inside an engine that is not Assay's: chosen samples replayed on firmware with tapped
// `.tflite` files, each with one operator's output more, or a few. What comes out is a Capture, as of the
// tapped plans of the native engine: who judges does not see what made it.
//
// Where the samples differ from the host build, operators are looked at by bisection (tap_search.h), else,
// and when all are asked for, every one of them.
#pragma once

#include "run/capture.h"

namespace assay::run {

// `sides`: outputs of the finished samples. Never fails as a whole: see Capture::failed; an operator that the
// firmware cannot return is left out, and three in a row end it. Errors before the first tapped run: errors
// of read_operators() and firmware_with(); run.taps_too_large.
Result<Capture> capture_models(const CaseSpec& spec, const Prepared& prepared, TapSamples samples, bool every,
                               const TapSides& sides, const LeasedUnit& unit,
                               const std::filesystem::path& folder, Observer& observer);

}  // namespace assay::run
