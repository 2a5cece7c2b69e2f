// Everything that bytes called a model can reach: importer, planner, plan check, one inference on the host
// engine.
//
// The invariant: they are refused with a `model.*` code, or planned, and then the plan opens and runs inside
// plan and arena. Both are allocated to the byte, so that AddressSanitizer sees the first access beyond.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace assay::fuzz {

struct ModelOutcome {
  std::string broken;   // how the invariant was broken; "": it holds
  std::string refused;  // the code; "": the model ran
};
ModelOutcome use_model(std::span<const uint8_t> bytes);

// A model with one to four bytes changed; three times out of four outside the weights, where a change does
// most.
class ModelMutator {
 public:
  // `model` must be an intact `.tflite`.
  explicit ModelMutator(std::vector<uint8_t> model);
  std::vector<uint8_t> next(std::mt19937& random) const;

 private:
  std::vector<uint8_t> model_;
  std::vector<size_t> structure_;  // positions outside the buffers' data
};

}  // namespace assay::fuzz
